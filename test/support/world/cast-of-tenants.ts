import type { Sandbox } from '../../../src/sandbox/index.ts';
import { giveConsent } from '../calendly/give-consent.ts';
import { waitFor } from '../service/wait-for.ts';

export interface Stage {
  url: string;
  apiKey: string;
  sandbox: Sandbox;
}

type Call = (method: string, path: string, body?: unknown) => Promise<any>;

function callOf({ url, apiKey }: Stage): Call {
  return async (method, path, body) => {
    const response = await fetch(`${url}/v1/tenants/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.json();
  };
}

/** A tenant whose account is its own, connected with one meeting; more of the story is the caller's. */
export async function connectWithMeeting(
  stage: Stage,
  tenantId: string,
  { plan = 'paid' as 'paid' | 'free' } = {},
): Promise<string> {
  const { sandbox } = stage;
  const account = tenantId.replaceAll('.', '-');
  const name = tenantId.charAt(0).toUpperCase() + tenantId.slice(1);
  // Webhooks are on every plan; this switch brings back the free plan that refuses them.
  if (plan === 'free') sandbox.controls.switches.set({ webhooksOnFreePlan: false });
  sandbox.controls.accounts.add({
    slug: account,
    name: `${name} Meetings`,
    email: `meetings@${account}.example`,
    plan,
  });
  const { authorizeUrl } = await callOf(stage)('POST', `${tenantId}/connection/connect`, {});
  await giveConsent(authorizeUrl, account);
  await waitForState(stage, tenantId, 'connected');
  return account;
}

/** Waits until the tenant is in a state, or in a state and sub-state with a dot. */
export async function waitForState(stage: Stage, tenantId: string, wanted: string): Promise<void> {
  await waitFor(
    async () => {
      const connection = await callOf(stage)('GET', `${tenantId}/connection`);
      return `${connection.state}.${connection.substate}`.startsWith(wanted);
    },
    { describe: `${tenantId} to be ${wanted}`, timeoutMs: 15_000 },
  );
}

/** Stuck because Calendly fails on the listing of webhooks, until the faults are cleared. Returns the sandbox's account. */
export async function stickTenant(stage: Stage, tenantId: string): Promise<string> {
  const account = await connectWithMeeting(stage, tenantId);
  // Else its end may come into the history after the resync below, and be taken for the step that led to the failure.
  await waitFor(
    async () => {
      const { items } = await callOf(stage)('GET', `${tenantId}/history`);
      return items.some((item: { event: { type: string } | null }) => item.event?.type === 'backfill.completed');
    },
    { describe: `the first back-fill of ${tenantId}`, timeoutMs: 15_000 },
  );
  stage.sandbox.controls.faults.add({
    kind: 'respond',
    method: 'GET',
    path: '/webhook_subscriptions',
    times: 'forever',
    status: 503,
    // It stays stuck for as long as anybody looks: its own retry is ten minutes away.
    headers: { 'x-request-id': 'req-7f3a-stuck', 'retry-after': '600' },
    body: { title: 'Service Unavailable', message: 'We are down for maintenance. <script>alert(1)</script>' },
  });
  await callOf(stage)('POST', `${tenantId}/connection/resync`);
  await waitForState(stage, tenantId, 'error.retrying');
  return account;
}

/** One tenant in every kind of state that is met in the field, for looking at and for taking pictures. */
export async function playCast(stage: Stage): Promise<void> {
  const call = callOf(stage);
  const { controls } = stage.sandbox;
  for (const tenantId of ['acme', 'globex', 'stark']) {
    const account = await connectWithMeeting(stage, tenantId);
    for (const name of ['Gina Guest', '<script>alert("Bobby")</script>'])
      controls.book({ account, name, email: 'gina@guest.example' });
  }
  await connectWithMeeting(stage, 'initech', { plan: 'free' });
  const lost = await connectWithMeeting(stage, 'umbrella');
  controls.accounts.revokeLogin(lost);
  await call('POST', 'umbrella/connection/refresh');
  await waitForState(stage, 'umbrella', 'error.needsReauthorization');
  await call('POST', 'hooli/connection/connect', {});
  controls.faults.add({
    kind: 'respond',
    method: 'DELETE',
    path: '/webhook_subscriptions/:uuid',
    times: 'forever',
    status: 503,
    body: { message: 'Down' },
  });
  await call('DELETE', 'stark/connection');
  await stickTenant(stage, 'wayne-enterprises');
}
