import { deleteHooks, makeHook } from '../hooks.ts';
import type { Findings, Group } from '../probe.ts';

export const scopes: Group = {
  name: 'scopes',
  does: 'Asks for a second consent without scheduled_events:read, and tries to make a subscription with it.',
  finds: ['missingScopeStatus'],
  async run(probe): Promise<Findings> {
    const why = 'this one leaves a scope out on purpose. Use the same account';
    const pair = await probe.api.consent('consent without a scope', why, {
      scopes: 'users:read webhooks:read webhooks:write',
    });
    if (pair === null) return { switches: {}, notes: ['No second consent came.'] };
    const { status, uri } = await makeHook(probe, 'create without the scope', { name: 'scope', pair });
    if (uri !== null) await deleteHooks(probe, 'delete', [uri]);
    if (status === 400 || status === 403) return { switches: { missingScopeStatus: status }, notes: [] };
    return {
      switches: {},
      notes: [`Without scheduled_events:read (scope is "${pair.scope}") a subscription was answered with ${status}.`],
    };
  },
};
