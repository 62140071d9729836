import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { connectTenant } from '../../support/service/connect-tenant.ts';
import { startReceiver, type Receiver } from '../../support/service/start-receiver.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitForBackfill } from '../../support/service/wait-for-backfill.ts';
import { waitFor } from '../../support/service/wait-for.ts';

/** Also valid, as a key is while it is replaced. */
export const oldSecret = `whsec_${randomBytes(32).toString('base64')}`;

export let running: TestService;
export let receiver: Receiver;
let ahead = 0;
let tenants = 0;

/** Moves the service's clock, until the test is over. */
export function moveClock(ms: number): void {
  ahead = ms;
}

/** A service that posts its events to a receiver, for the tests of one file. */
export function servePosts(): void {
  beforeAll(async () => {
    receiver = await startReceiver();
    const env = { EVENTS_URL: receiver.url, EVENTS_SECRET: `${receiver.secret},${oldSecret}` };
    running = await startTestService({ env, now: () => new Date(Date.now() + ahead) });
  });
  afterAll(async () => {
    await running.stop();
    await receiver.close();
  });
  afterEach(() => {
    receiver.answerWith(() => 204);
    receiver.letGo();
    ahead = 0;
  });
}

/** A tenant of its own with an account of its own, connected. */
export async function connected() {
  const slug = `host-${tenants++}`;
  running.sandbox.controls.accounts.add({ slug, name: slug });
  await connectTenant(running, slug, slug);
  await toldTimes(slug, 'connection.state_changed', (event) => event.data.state === 'connected', 1);
  await waitForBackfill(running, slug);
  return {
    tenantId: slug,
    account: slug,
    book: (name: string, more: object = {}) =>
      running.sandbox.controls.book({
        account: slug,
        name,
        email: `${name.replaceAll(' ', '-')}@guest.example`,
        ...more,
      }),
  };
}
export const of = (tenantId: string, type = '') =>
  receiver.taken((event) => event.tenantId === tenantId && event.type.startsWith(type));
export const toldTimes = (tenantId: string, type: string, filter: (event: any) => boolean, times: number) =>
  waitFor(
    () => {
      const found = of(tenantId, type).filter(filter);
      return found.length >= times ? found : undefined;
    },
    { describe: `${times} ${type} of ${tenantId}`, timeoutMs: 10_000 },
  );
export const told = (tenantId: string, type: string, times = 1) => toldTimes(tenantId, type, () => true, times);
export const meetings = async (tenantId: string) =>
  (await running.api('GET', `/v1/tenants/${tenantId}/meetings`)).body.items;
export const outgoing = async (query: string) => (await running.api('GET', `/v1/events/outgoing?${query}`)).body.items;
/** Everything recorded so far has had its way out: nothing waits, nothing is held. */
export const quiet = (tenantId: string) =>
  waitFor(
    async () => {
      const items = await outgoing(`tenantId=${tenantId}&limit=100`);
      return items.every((item: any) => item.status === 'sent') && items;
    },
    { describe: 'everything sent', timeoutMs: 10_000 },
  );
