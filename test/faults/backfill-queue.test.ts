import { expect, test } from 'vitest';
import { connectTenant } from '../support/service/connect-tenant.ts';
import { CLIENT, startTestService } from '../support/service/start-test-service.ts';
import { startSandbox } from '../../src/sandbox/index.ts';

/** More than all workers together can have in hand. */
const TENANTS = 44;

test(
  'who connects does not stand behind the back-fills of others, be they as many and as slow as they like',
  { timeout: 60_000 },
  async () => {
    const sandbox = await startSandbox(CLIENT);
    const running = await startTestService({ sharedSandbox: sandbox });
    sandbox.controls.faults.add({ path: '/scheduled_events', kind: 'hang', times: 'forever' });
    for (let tenant = 0; tenant < TENANTS; tenant++) {
      sandbox.controls.accounts.add({ slug: `host-${tenant}`, name: `Host ${tenant}`, plan: 'paid', role: 'owner' });
      await connectTenant(running, `tenant-${tenant}`, `host-${tenant}`);
    }
    const { body } = await running.api('GET', '/v1/tenants?limit=1');
    expect(body.counts).toMatchObject({ connected: TENANTS });
    const started = await running.database.db.selectFrom('backfill').select('tenant_id').execute();
    // Those in hand hang; those behind them have not begun.
    expect(started.length).toBeLessThan(TENANTS);
    // First what hangs: the service waits for its calls in hand.
    await sandbox.close();
    await running.stop();
  },
);
