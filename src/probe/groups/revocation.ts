import { deleteHooks, makeHook, readHook } from '../hooks.ts';
import type { Findings, Group } from '../probe.ts';
import { at } from '../at.ts';

export const revocation: Group = {
  name: 'revocation',
  does: 'Makes a subscription, revokes all tokens of the probe, asks for consent again, looks what became of the subscription, and deletes it.',
  finds: ['onTokenRevoked'],
  async run(probe): Promise<Findings> {
    const { uri, status } = await makeHook(probe, 'create before the revocation', { name: 'revoked' });
    if (uri === null) return { switches: {}, notes: [`No subscription: ${status}.`] };
    await probe.api.revokeAll('revoke');
    const after = await readHook(probe, 'GET after the revocation', uri);
    await deleteHooks(probe, 'delete', [uri]);
    if (after.status === 404) return { switches: { onTokenRevoked: 'delete' }, notes: [] };
    const state = at(after.body, 'resource', 'state');
    if (state === 'active' || state === 'disabled')
      return { switches: { onTokenRevoked: state === 'active' ? 'keep' : 'disable' }, notes: [] };
    return { switches: {}, notes: [`After the revocation the subscription was answered with ${after.status}.`] };
  },
};
