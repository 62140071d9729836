import type { Findings, Group } from '../probe.ts';
import { pauseAfter } from '../probe-api.ts';

const MOST_TOKENS = 20;
const MOST_REQUESTS = 1_000;
const WINDOW_MS = 60_000;

export const limits: Group = {
  name: 'limits',
  does: 'Refreshes the tokens and reads the account until Calendly says it is enough for this minute. Other software of the account waits meanwhile.',
  finds: ['tokenRateLimit', 'retryAfterHeader', 'apiRateLimit'],
  async run({ api }): Promise<Findings> {
    const findings: Findings = { switches: {}, notes: [] };
    const { switches, notes } = findings;
    const me = await api.call('GET /users/me', '/users/me');
    const limit = Number(me.headers.get('x-ratelimit-limit') ?? MOST_REQUESTS);
    const from = performance.now();
    for (let sent = 1; sent <= Math.min(limit + 1, MOST_REQUESTS); sent++) {
      const answer = await api.call('GET /users/me too often', '/users/me');
      if (answer.status === 429) {
        switches.retryAfterHeader = answer.headers.has('retry-after');
        notes.push(`After ${sent} requests: 429, to be fresh again in ${pauseAfter(answer)} s.`);
        break;
      }
      if (sent === limit + 1 && performance.now() - from < WINDOW_MS) switches.apiRateLimit = null;
    }
    if (performance.now() - from >= WINDOW_MS)
      notes.push('The requests took more than a minute, so the limit was not reached.');

    for (let refreshed = 0; refreshed < MOST_TOKENS; refreshed++) {
      const { answer, pair } = await api.refresh('refresh too often', await api.account());
      if (pair !== null) continue;
      if (answer.status !== 429)
        return { switches, notes: [...notes, `A refresh was answered with ${answer.status}.`] };
      switches.tokenRateLimit = api.issuedAt().filter((at) => at > Date.now() - WINDOW_MS).length;
      return findings;
    }
    switches.tokenRateLimit = null;
    return findings;
  },
};
