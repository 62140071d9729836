import type { Config } from '../../config/load-config.ts';
import { createHost } from '../host.ts';
import { until } from '../until.ts';
import type { Counted, Who, Surroundings } from './surroundings.ts';
import { createCalendlyApi } from './calendly-api.ts';
import { countStoredTokens } from './count-stored-tokens.ts';
import { findOrStartService } from './find-or-start-service.ts';

const LOOK_MS = 300;

/** The configured Calendly, and a person who clicks. What exists at Calendly is asked of Calendly, as far as Calendly tells it. */
export async function openRealSurroundings({
  config,
  personMinutes,
  patienceSeconds,
  say,
}: {
  config: Config;
  personMinutes: number;
  patienceSeconds: number;
  say: (text: string) => void;
}): Promise<Surroundings> {
  const service = await findOrStartService(config, say);
  const tenantId = `checklist-${Date.now().toString(36)}`;
  const host = createHost(service.url, config.apiKeys[0]?.secret ?? '', tenantId);
  const startedAt = new Date().toISOString();
  const { apiBaseUrl } = config.calendly;
  /** Each account's webhook, remembered from the time when the account was the tenant's. */
  const webhookUris: Partial<Record<Who, string>> = {};
  let current: Who = 'first';

  async function person<T>(describe: string, ask: string, look: () => Promise<T | undefined | false>): Promise<T> {
    say(`\n  YOUR TURN  ${ask}\n  (waiting up to ${personMinutes} minutes)\n\n`);
    return until(describe, personMinutes * 60, look, LOOK_MS);
  }

  /** The status that Calendly answered to the service. Without a token to ask with, nothing else can be known. */
  async function answered(method: string, path: RegExp): Promise<number | undefined> {
    const calls = (await host.exchangesSince(startedAt)).filter(
      (exchange) => exchange.method === method && path.test(exchange.path),
    );
    return calls.at(-1)?.status ?? undefined;
  }

  return {
    title: `Calendly at ${apiBaseUrl}`,
    host,
    patienceSeconds,
    async giveConsent(authorizeUrl, who) {
      current = who;
      const as =
        who === 'first'
          ? 'your Calendly account'
          : 'ANOTHER Calendly account (in a private window, or Calendly silently takes the same one)';
      return person(
        'Somebody answers the consent page',
        `Open this, sign in with ${as}, and allow access:\n\n    ${authorizeUrl}`,
        async () => {
          const { state, substate } = await host.connection();
          return state === 'authorizing' && substate === 'awaitingConsent' ? undefined : performance.now();
        },
      );
    },
    async book(who) {
      const token = await host.accessToken();
      if (token === null) throw new Error('There is no access token to ask Calendly with.');
      const api = createCalendlyApi(apiBaseUrl, token);
      const { schedulingUrl } = await api.me();
      const known = new Set((await host.meetings()).map(({ inviteeUri }) => inviteeUri));
      const meeting = await person(
        'A booked meeting is visible',
        `Book a meeting with the ${who} account, as an invitee would:\n\n    ${schedulingUrl}`,
        async () => (await host.meetings()).find(({ inviteeUri }) => !known.has(inviteeUri)),
      );
      const bookedAt = await api.bookedAt(meeting.inviteeUri);
      return { meeting, seconds: Math.max(0, Date.parse(meeting.receivedAt) - bookedAt.getTime()) / 1000 };
    },
    async webhooks(who): Promise<Counted> {
      const token = who === current ? await host.accessToken() : null;
      if (token !== null) {
        webhookUris[who] = (await host.connection()).subscription?.uri ?? '';
        const created = (await host.exchangesSince(startedAt)).flatMap(({ method, path, requestBody }) =>
          method === 'POST' && path === '/webhook_subscriptions' ? [(requestBody as { url?: string } | null)?.url] : [],
        );
        const urls = await createCalendlyApi(apiBaseUrl, token).callbackUrls();
        return { count: urls.filter((url) => created.includes(url)).length, how: 'listed at Calendly' };
      }
      const uuid = webhookUris[who]?.split('/').at(-1) ?? 'none';
      const status = await answered('DELETE', new RegExp(`/webhook_subscriptions/${uuid}$`));
      return {
        count: status === 204 || status === 404 ? 0 : 1,
        how: `Calendly answered ${status ?? 'nothing yet'} to its DELETE`,
      };
    },
    async liveTokens(): Promise<Counted> {
      const status = await answered('POST', /^\/oauth\/revoke$/);
      return { count: status === 200 ? 0 : 1, how: `Calendly answered ${status ?? 'nothing yet'} to the revocation` };
    },
    async storedTokens(): Promise<Counted> {
      if (service.databaseUrl !== null) return countStoredTokens(service.databaseUrl, tenantId);
      return { count: (await host.accessToken()) === null ? 0 : 1, how: 'asked for one' };
    },
    async close() {
      await host
        .erase()
        .catch((error: unknown) => say(`  The tenant ${tenantId} could not be erased: ${String(error)}\n`));
      await service.stop();
    },
  };
}
