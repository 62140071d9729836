import { idOf } from '../hooks.ts';
import type { Findings, Group } from '../probe.ts';
import { at } from '../at.ts';

const PER_MINUTE_ON_FREE = 50;
const PER_MINUTE = 500;

export const account: Group = {
  name: 'account',
  does: 'Reads the account and its organization. Changes nothing.',
  finds: ['accessTokenSeconds', 'legacyScopes', 'uriBase', 'apiRateLimit'],
  async run({ api }): Promise<Findings> {
    const { scope, expiresIn, owner, organization } = await api.account();
    const me = await api.call('GET /users/me', '/users/me');
    const found = await api.call('GET /organizations/{uuid}', `/organizations/${idOf(organization)}`);
    const stage = at(found.body, 'resource', 'stage');
    const limit = Number(me.headers.get('x-ratelimit-limit'));
    const ofPlan = stage === 'free' ? PER_MINUTE_ON_FREE : PER_MINUTE;
    return {
      switches: {
        accessTokenSeconds: expiresIn,
        legacyScopes: scope === 'default',
        uriBase: owner.slice(0, owner.lastIndexOf('/users/')),
        ...(limit > 0 && { apiRateLimit: limit === ofPlan ? 'plan' : limit }),
      },
      notes: [`The organization is ${String(stage)} (${String(at(found.body, 'resource', 'plan'))}).`],
    };
  },
};
