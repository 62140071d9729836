import { expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { startTestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

test('a deletion under way with tokens that a new consent replaces is done with the new ones', async () => {
  const running = await startTestService();
  const {
    sandbox: { controls },
  } = running;
  const before = await connectTenant(running, 'acme', 'alice');
  // Connecting waits 5 s for it; under way for so long that the consent below is over, and the tokens that it was sent with are revoked.
  controls.faults.add({ method: 'DELETE', path: '/webhook_subscriptions/:uuid', kind: 'delay', ms: 8_000 });
  await running.api('DELETE', connectionPath('acme'), { headers: { prefer: 'respond-async' } });
  await waitFor(() => controls.calls().some(({ method, fault }) => method === 'DELETE' && fault !== null), {
    describe: 'the deletion under way',
  });

  const after = await connectTenant(running, 'acme', 'alice');
  expect(after.subscription.uri).not.toBe(before.subscription.uri);
  await waitFor(() => controls.tokens('alice').liveRefreshTokens === 1, { describe: 'the former tokens revoked' });
  expect(controls.calls().filter(({ method, status }) => method === 'DELETE' && status !== null)).toEqual([]);
  await waitFor(async () => (await running.api('GET', connectionPath('acme'))).body.debts.length === 0, {
    timeoutMs: 15_000,
    describe: 'no debt left',
  });
  expect(controls.subscriptions({ account: 'alice' })).toMatchObject([
    { uri: after.subscription.uri, state: 'active' },
  ]);
  await running.stop();
});
