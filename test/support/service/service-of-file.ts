import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { replayHistory } from '../world/replay-history.ts';
import { connectionPath } from './connect-tenant.ts';
import { startTestService, type Answer, type TestService } from './start-test-service.ts';

/** The one service that all tests of a file ask. Set before the first of them. */
export let running: TestService;

/**
 * Starts the service before the tests of this file, and stops it after them. After each test Calendly is well again, and
 * the history, replayed, has to give the stored states.
 */
export function serveThisFile(options: Parameters<typeof startTestService>[0] = {}): void {
  const { switches = {} } = options.sandbox ?? {};
  beforeAll(async () => {
    running = await startTestService(options);
  });
  afterEach(async () => {
    const { controls } = running.sandbox;
    controls.faults.clear();
    controls.switches.reset();
    controls.switches.set(switches);
    expect(await replayHistory(running.database.db)).toEqual([]);
  });
  afterAll(() => running.stop());
}

export const account = (slug: string, more: object = {}) =>
  running.sandbox.controls.accounts.add({ slug, name: `Owner of ${slug}`, ...more });

/** Asks to connect, and gives the answer. `connectTenant` goes on until the tenant is connected. */
export const connect = (tenantId: string, body: object = {}): Promise<Answer> =>
  running.api('POST', `${connectionPath(tenantId)}/connect`, { body });

/** The connection as its host sees it. */
export const view = async (tenantId: string): Promise<Answer['body']> =>
  (await running.api('GET', connectionPath(tenantId))).body;

/** The webhooks that an account has at Calendly. */
export const remote = (slug: string) => running.sandbox.controls.subscriptions({ account: slug });
