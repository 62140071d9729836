import type { Findings, Group } from '../probe.ts';

export const challenge: Group = {
  name: 'challenge',
  does: 'Asks for a consent without a PKCE challenge. If the page shows an error, say so by pressing Enter.',
  finds: ['requirePkce'],
  async run({ api }): Promise<Findings> {
    const why = 'this one has no PKCE challenge. If an error is shown instead of a consent page, press Enter here';
    const pair = await api.consent('consent without a challenge', why, { challenge: false });
    return { switches: { requirePkce: pair === null }, notes: [] };
  },
};
