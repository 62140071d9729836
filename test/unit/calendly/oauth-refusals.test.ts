import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { refreshTokens, revokeToken, type OAuthClient } from '../../../src/calendly/oauth.ts';
import { startSandbox } from '../../../src/sandbox/index.ts';
import { app, codeFor, postToken, redirectUri } from '../../support/calendly/sandbox-for-test.ts';

const other = { clientId: 'other-client', clientSecret: 'other-secret' };
const trace = { tenantId: 'acme', effectId: randomUUID(), effect: 'revokeGrant', attempt: 1 };
const record = async () => undefined;

async function started() {
  const sandbox = await startSandbox({ ...app, otherApps: [other] });
  onTestFinished(() => sandbox.close());
  const client = (as: typeof app): OAuthClient => ({ authBaseUrl: sandbox.url, ...as });
  const code = await codeFor(sandbox.url, 'alice');
  const answer = await postToken(sandbox.url, { grant_type: 'authorization_code', code, redirect_uri: redirectUri });
  const { refresh_token: token } = (await answer.json()) as { refresh_token: string };
  return { sandbox, client, token };
}

test("Calendly's own 403 at an OAuth endpoint is final; anybody else's may pass", async () => {
  const { sandbox, client, token } = await started();
  expect(await revokeToken(client(other), record, trace, token)).toMatchObject({
    kind: 'invalid',
    code: 'request_refused',
    certain: true,
  });
  sandbox.controls.faults.add({ path: '/oauth/revoke', kind: 'blocked' });
  sandbox.controls.faults.add({
    path: '/oauth/revoke',
    kind: 'respond',
    status: 403,
    body: { error: 'denied by policy' },
  });
  for (let left = 2; left > 0; left -= 1) {
    expect(await revokeToken(client(app), record, trace, token)).toMatchObject({
      kind: 'transient',
      code: 'forbidden_by_proxy',
      certain: false,
    });
  }
  expect(await revokeToken(client(app), record, trace, token)).toBeNull();
});

test('a refused refresh is recognised with a challenge beside it and without', async () => {
  const { sandbox, client, token } = await started();
  await revokeToken(client(app), record, trace, token);
  for (const tokenErrorChallenge of [true, false]) {
    sandbox.controls.switches.set({ tokenErrorChallenge });
    expect(await refreshTokens(client(app), record, trace, token)).toMatchObject({ kind: 'refused' });
  }
});
