import { describe, expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { connect, running, view } from '../../support/service/service-of-file.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { expectInvalidPage, expectPrivate, HOST, serveBrowsers, wherefrom } from './browsers.ts';

serveBrowsers();

const secretIn = (page: string): string => /name="confirmation" value="([^"]+)"/.exec(page)![1]!;
const press = (confirmation: string, accept: string) =>
  fetch(`${running.url}/oauth/confirm-account`, {
    method: 'POST',
    body: new URLSearchParams({ confirmation, accept }),
    redirect: 'manual',
  });

/** A tenant of alice whose grant is lost, so that each connect asks for consent and says nothing of a switch. */
async function needsReauthorization(tenantId: string, slug: string): Promise<void> {
  running.sandbox.controls.accounts.add({ slug, name: `Owner of ${slug}` });
  await connectTenant(running, tenantId, slug);
  running.sandbox.controls.accounts.revokeLogin(slug);
  await running.api('POST', `${connectionPath(tenantId)}/refresh`);
  await waitFor(async () => (await view(tenantId)).substate === 'needsReauthorization');
}

describe('the question about another account', () => {
  test('another account than before waits for a confirmation: refused for a third one, taken once', async () => {
    await needsReauthorization('mismatch', 'mallory');
    const asked = await connect('mismatch', { returnTo: HOST });
    expect(wherefrom(await giveConsent(asked.body.authorizeUrl, 'bob'))).toEqual([
      303,
      `${HOST}/?calendly=account_mismatch&reason=account_mismatch`,
    ]);
    const bob = running.sandbox.controls.accounts.get('bob');
    const pending = await view('mismatch');
    expect(pending).toMatchObject({
      state: 'authorizing',
      substate: 'confirmingAccount',
      account: { name: 'Owner of mallory' },
    });
    expect(pending.pendingAccount).toEqual({
      uri: bob.uri,
      email: bob.email,
      name: bob.name,
      organization: bob.organization,
    });

    const confirm = (accept: boolean, accountUri: string) =>
      running.api('POST', `${connectionPath('mismatch')}/confirm-account`, { body: { accept, accountUri } });
    expect(await confirm(true, running.sandbox.controls.accounts.get('carol').uri)).toMatchObject({
      status: 409,
      body: { code: 'account_changed' },
    });
    expect((await view('mismatch')).substate).toBe('confirmingAccount');
    expect(await confirm(true, bob.uri)).toMatchObject({
      status: 200,
      body: { connection: { state: 'connected', account: { uri: bob.uri }, pendingAccount: null } },
    });
    expect(await confirm(true, bob.uri)).toMatchObject({ status: 409, body: { code: 'account_changed' } });
    expect(await confirm(false, bob.uri)).toMatchObject({ status: 409, body: { code: 'account_changed' } });
  });

  test('the page asks with two buttons, each good once; declining leaves everything as it was', async () => {
    await needsReauthorization('buttons', 'wendy');
    const page = await (await giveConsent((await connect('buttons')).body.authorizeUrl, 'bob')).text();
    expect(page).toContain('bob');
    expect(page).toContain('wendy');
    const declined = await press(secretIn(page), 'false');
    expect([declined.status, await declined.text()]).toEqual([200, expect.stringContaining('account_declined')]);
    expectPrivate(declined);
    expect(await view('buttons')).toMatchObject({
      state: 'error',
      substate: 'needsReauthorization',
      account: { name: 'Owner of wendy' },
      pendingAccount: null,
    });
    await expectInvalidPage(await press(secretIn(page), 'true'));

    const again = secretIn(await (await giveConsent((await connect('buttons')).body.authorizeUrl, 'bob')).text());
    expect(
      (await Promise.all([press(again, 'true'), press(again, 'true'), press(again, 'true')]))
        .map(({ status }) => status)
        .sort(),
    ).toEqual([200, 400, 400]);
    expect(await view('buttons')).toMatchObject({
      state: 'connected',
      account: { email: running.sandbox.controls.accounts.get('bob').email },
    });
    await expectInvalidPage(await press('A'.repeat(43), 'true'));
    expect((await press('', 'true')).status).toBe(400);
  });

  test('a button of an old page never accepts an account that only a newer page asks about', async () => {
    await needsReauthorization('overtaken', 'victor');
    const old = secretIn(await (await giveConsent((await connect('overtaken')).body.authorizeUrl, 'bob')).text());
    const newer = secretIn(await (await giveConsent((await connect('overtaken')).body.authorizeUrl, 'dave')).text());
    await expectInvalidPage(await press(old, 'true'));
    expect(await view('overtaken')).toMatchObject({
      substate: 'confirmingAccount',
      account: { name: 'Owner of victor' },
    });
    expect((await press(newer, 'true')).status).toBe(200);
    expect((await view('overtaken')).account.email).toBe(running.sandbox.controls.accounts.get('dave').email);
  });
});

describe('without an answer, or without a question', () => {
  test('a confirmation that nobody gives is declined by time, and its tokens are given back', async () => {
    await needsReauthorization('silent', 'sybil');
    const secret = secretIn(await (await giveConsent((await connect('silent')).body.authorizeUrl, 'bob')).text());
    await makeTimerDue(running.database, 'silent', 'deadline');
    await waitFor(async () => (await view('silent')).substate === 'needsReauthorization');
    await waitFor(async () => (await view('silent')).debts.length === 0);
    const statuses = await running.database.db
      .selectFrom('oauth_grant')
      .select('status')
      .where('tenant_id', '=', 'silent')
      .orderBy('status')
      .execute();
    expect(statuses.map(({ status }) => status)).toEqual(['current', 'wiped']);
    await expectInvalidPage(await press(secret, 'true'));
  });

  test('switchAccount asks for consent although the stored grant works, and needs no confirmation', async () => {
    await connectTenant(running, 'switches', 'alice');
    expect((await connect('switches')).body).toMatchObject({ authorizeUrl: null, connection: { state: 'connected' } });
    const asked = await connect('switches', { switchAccount: true, returnTo: HOST });
    expect(asked.body.connection).toMatchObject({
      state: 'authorizing',
      account: { email: running.sandbox.controls.accounts.get('alice').email },
    });
    expect(wherefrom(await giveConsent(asked.body.authorizeUrl, 'bob'))).toEqual([303, `${HOST}/?calendly=connected`]);
    expect((await view('switches')).account.email).toBe(running.sandbox.controls.accounts.get('bob').email);
  });
});
