import { expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { account, connect, running, serveThisFile, view } from '../../support/service/service-of-file.ts';
import { request, type Answer } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

/** Moves the service's own clock, for tokens that have expired. */
let ahead = 0;
serveThisFile({ now: () => new Date(Date.now() + ahead), sandbox: { switches: { tokenRateLimit: null } } });

const tokenOf = (tenantId: string): Promise<Answer> => running.api('GET', `/v1/tenants/${tenantId}/access-token`);

test('a fresh access token is handed out as it is', async () => {
  account('hurry');
  await connectTenant(running, 'hurry', 'hurry');
  const { status, headers, body } = await tokenOf('hurry');
  expect({ status, cache: headers.get('cache-control') }).toEqual({ status: 200, cache: 'no-store' });
  expect(Object.keys(body).sort()).toEqual(['accessToken', 'expiresAt']);
  const answer = await request(`${running.sandbox.url}/users/me`, 'GET', undefined, {
    authorization: `Bearer ${body.accessToken}`,
  });
  expect(answer.status).toBe(200);
  expect(running.sandbox.controls.tokens('hurry').pairs).toHaveLength(1);
});

test('a hundred callers of an expired token cause one refresh, and all get its token', async () => {
  ahead += 7_200_000 - 59_000;
  running.sandbox.controls.faults.add({ method: 'POST', path: '/oauth/token', kind: 'delay', ms: 200 });
  const answers = await Promise.all(Array.from({ length: 100 }, () => tokenOf('hurry')));
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(new Set(answers.map(({ body }) => body.accessToken)).size).toBe(1);
  expect(running.sandbox.controls.tokens('hurry').pairs).toHaveLength(2);
  expect((await tokenOf('hurry')).body).toEqual(answers[0]!.body);
});

test('with Calendly failing an expired token is a 503 to be repeated, and no grant at all a 409', async () => {
  account('failing');
  await connectTenant(running, 'failing', 'failing');
  ahead += 7_200_000;
  running.sandbox.controls.faults.add({
    method: 'POST',
    path: '/oauth/token',
    kind: 'respond',
    status: 503,
    times: 'forever',
  });
  const { status, headers, body } = await tokenOf('failing');
  expect({ status, code: body.code, retry: Number(headers.get('retry-after')) > 0 }).toEqual({
    status: 503,
    code: 'token_unavailable',
    retry: true,
  });
  running.sandbox.controls.faults.clear();
  running.sandbox.controls.faults.add({ method: 'POST', path: '/oauth/token', kind: 'delay', ms: 500 });
  expect(
    (await running.api('GET', '/v1/tenants/failing/access-token', { headers: { prefer: 'wait=0' } })).body.code,
  ).toBe('token_unavailable');
  await waitFor(async () => (await tokenOf('failing')).status === 200);
  await connect('waiting');
  await connect('left');
  await running.api('DELETE', connectionPath('left'));
  expect((await tokenOf('left')).body.code).toBe('no_usable_grant');
  expect((await tokenOf('waiting')).body.code).toBe('no_usable_grant');

  account('gone');
  await connectTenant(running, 'gone', 'gone');
  running.sandbox.controls.accounts.revokeLogin('gone');
  ahead += 7_200_000;
  expect(await tokenOf('gone')).toMatchObject({ status: 409, body: { code: 'no_usable_grant' } });
  expect(await view('gone')).toMatchObject({ state: 'error', substate: 'needsReauthorization' });
});
