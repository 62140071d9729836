import type { Findings, Group } from '../probe.ts';

export const tokens: Group = {
  name: 'tokens',
  does: 'Refreshes the tokens twice, presents a spent refresh token once, and refreshes once without the client secret.',
  finds: ['refreshReuseStatus', 'tokenErrorChallenge', 'requireClientSecret'],
  async run({ api }): Promise<Findings> {
    const findings: Findings = { switches: {}, notes: [] };
    const { switches, notes } = findings;
    const open = await api.refresh('refresh without the secret', await api.account(), { secret: false });
    switches.requireClientSecret = open.pair === null;

    const first = await api.account();
    const { pair: second } = await api.refresh('refresh', first);
    if (second === null) return { switches, notes: ['A refresh was refused, so nothing was learned of spent tokens.'] };
    const { answer } = await api.refresh('refresh with a spent token', first);
    if (answer.status === 400 || answer.status === 401) switches.refreshReuseStatus = answer.status;
    else notes.push(`A spent refresh token was answered with ${answer.status}.`);
    switches.tokenErrorChallenge = answer.headers.has('www-authenticate');
    const { pair: third } = await api.refresh('refresh after a spent token was presented', second);
    if (third === null)
      notes.push('Presenting a spent refresh token ended its successor too. The sandbox has no switch for that.');
    return findings;
  },
};
