import { appendFile, chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { releaseCommand } from '../../../src/cli/release/release-command.ts';
import { startOldApplication, type OldApplication, type OldRow } from '../../support/calendly/old-application.ts';
import { connectTenant, connectionPath } from '../../support/service/connect-tenant.ts';
import { API_KEY, startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let service: TestService;
let old: OldApplication;
beforeAll(async () => {
  service = await startTestService();
  old = await startOldApplication(service.sandbox.url);
});
afterAll(async () => {
  await service.stop();
  await old.close();
});

const bodyOf = (row: OldRow) => ({
  refreshToken: row.refresh_token,
  accessToken: row.access_token,
  expiresAt: row.token_expires_at,
  webhooks: [{ uri: row.webhook_uri }],
});
const importInto = (tenantId: string, body: object, headers = {}): Promise<Answer> =>
  service.api('POST', `${connectionPath(tenantId)}/import`, { body, headers });
const release = (tenantId: string, headers = {}): Promise<Answer> =>
  service.api('POST', `${connectionPath(tenantId)}/release`, { headers });
const account = (slug: string) => service.sandbox.controls.accounts.add({ slug, name: slug });
const webhooksOf = (slug: string) => service.sandbox.controls.subscriptions({ account: slug });
const presentationsOf = (slug: string) =>
  service.sandbox.controls.tokens(slug).pairs.flatMap(({ presentations }) => presentations);
const grantsOf = (tenantId: string) =>
  service.database.db.selectFrom('oauth_grant').selectAll().where('tenant_id', '=', tenantId).execute();

describe('an import', () => {
  test('proves an access token that works, presents no refresh token, and leaves one webhook: ours', async () => {
    account('ines');
    const row = await old.connect('ines', 'ines');
    const { status, body } = await importInto('ines', bodyOf(row));
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.connection).toMatchObject({
      state: 'connected',
      substate: 'webhooks',
      account: { email: 'ines@calendly-sandbox.example' },
      debts: [],
    });
    expect(presentationsOf('ines')).toEqual([]);
    expect(webhooksOf('ines').map(({ callback_url: url }) => url)).toEqual([
      expect.stringMatching(new RegExp(`^${service.url}/webhooks/calendly/`)),
    ]);
    const { items } = (await service.api('GET', '/v1/tenants/ines/history')).body;
    expect(items.map(({ event }: { event: { type: string } }) => event?.type)).toContain('import');
  });

  test('of a refresh token alone presents it once; said again it is the same, and other tokens are refused meanwhile', async () => {
    account('ralf');
    const row = await old.connect('ralf', 'ralf');
    const body = { refreshToken: row.refresh_token, webhooks: [{ callbackUrl: `${old.url}/webhooks/ralf` }] };
    const both = await Promise.all([importInto('ralf', body), importInto('ralf', body)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect((await importInto('ralf', body)).status).toBe(200);
    expect(presentationsOf('ralf')).toHaveLength(1);
    expect(webhooksOf('ralf')).toHaveLength(1);
    expect(await importInto('ralf', { refreshToken: 'another-token' })).toMatchObject({
      status: 409,
      body: { code: 'already_connected' },
    });
  });

  test('of tokens that are dead is refused, says why, and keeps none of them', async () => {
    account('dora');
    const row = { ...(await old.connect('dora', 'dora')) };
    await old.refresh('dora');
    for (let time = 0; time < 2; time++) {
      expect(await importInto('dora', { ...bodyOf(row), expiresAt: '2026-01-01T00:00:00Z' })).toMatchObject({
        status: 422,
        body: { code: 'import_refused', reason: 'invalid_grant', detail: expect.stringContaining('test-client') },
      });
    }
    await waitFor(async () => (await grantsOf('dora')).every(({ status }) => status === 'wiped'));
    expect(webhooksOf('dora').map(({ uri }) => uri)).toEqual([row.webhook_uri]);
    const credentials = service.database.db.selectFrom('credential').selectAll().where('tenant_id', '=', 'dora');
    expect(await credentials.execute()).toEqual([]);
    const rows = service.database.db.selectFrom('subscription').selectAll().where('tenant_id', '=', 'dora');
    expect(await rows.execute()).toEqual([]);
  });

  test('waits while Calendly fails, without spending or losing the tokens, and can be taken back', async () => {
    account('wim');
    const row = await old.connect('wim', 'wim');
    service.sandbox.controls.faults.add({ method: 'GET', path: '/users/me', kind: 'respond', status: 503 });
    const { status, body } = await importInto('wim', bodyOf(row));
    expect({ status, substate: body.connection.substate }).toEqual({ status: 202, substate: 'retryingImport' });
    expect(body.connection.lastError.code).toBe('calendly_error');
    await service.api('DELETE', connectionPath('wim'));
    service.sandbox.controls.faults.clear();
    // The former system goes on as if nothing had been.
    expect(await old.refresh('wim')).toBe(200);
    expect(webhooksOf('wim').map(({ uri }) => uri)).toEqual([row.webhook_uri]);
    expect((await importInto('wim', bodyOf(old.rows.get('wim')!))).status).toBe(200);
    expect(webhooksOf('wim')).toHaveLength(1);
  });

  test('keeps the former webhooks if it is told to', async () => {
    account('kim');
    const row = await old.connect('kim', 'kim');
    expect((await importInto('kim', { ...bodyOf(row), keepWebhooks: true })).status).toBe(200);
    expect(webhooksOf('kim')).toHaveLength(2);
  });

  test('takes the former webhook for ours where it stands in the way', async () => {
    account('cora');
    const row = await old.connect('cora', 'cora');
    service.sandbox.controls.switches.set({ conflictKey: 'user+scope+events' });
    try {
      expect((await importInto('cora', bodyOf(row))).body.connection).toMatchObject({ state: 'connected', debts: [] });
    } finally {
      service.sandbox.controls.switches.reset();
    }
    expect(webhooksOf('cora').map(({ uri }) => uri)).not.toContain(row.webhook_uri);
    expect(webhooksOf('cora')).toHaveLength(1);
  });

  test('leaves a colleague alone who had the same callback URL', async () => {
    account('tina');
    service.sandbox.controls.accounts.add({ slug: 'theo', name: 'Theo', organizationOf: 'tina' });
    service.sandbox.controls.switches.set({ conflictKey: 'user+scope+events' });
    const shared = { callbackUrl: `${old.url}/webhooks/all` };
    const row = await old.connect('tina', 'tina', shared);
    const other = await old.connect('theo', 'theo', shared);
    service.sandbox.controls.switches.reset();
    expect((await importInto('tina', { ...bodyOf(row), webhooks: [shared] })).status).toBe(200);
    expect(webhooksOf('tina')).toHaveLength(1);
    expect(webhooksOf('theo').map(({ uri }) => uri)).toEqual([other.webhook_uri]);
  });

  test('of another account than before asks, and gives nothing back that the former system needs', async () => {
    account('ada');
    account('bea');
    await connectTenant(service, 'ada', 'ada');
    service.sandbox.controls.accounts.revokeLogin('ada');
    await service.api('POST', `${connectionPath('ada')}/refresh`);
    await waitFor(
      async () => (await service.api('GET', connectionPath('ada'))).body.substate === 'needsReauthorization',
    );
    const { body } = await importInto('ada', bodyOf(await old.connect('bea', 'bea')));
    expect(body.connection).toMatchObject({ substate: 'confirmingAccount', pendingAccount: { name: 'bea' } });
    const accountUri = body.connection.pendingAccount.uri;
    await service.api('POST', `${connectionPath('ada')}/confirm-account`, { body: { accept: false, accountUri } });
    await waitFor(async () => (await grantsOf('ada')).filter(({ status }) => status === 'wiped').length === 1);
    expect(await old.refresh('bea')).toBe(200);
  });

  test.each([
    ['no refresh token', {}],
    ['a webhook that names nothing', { refreshToken: 'r', webhooks: [{}] }],
    ['a URI that is no webhook', { refreshToken: 'r', webhooks: [{ uri: 'https://api.calendly.com/users/me' }] }],
    ['an unknown field', { refreshToken: 'r', webhookUri: 'x' }],
    ['a token with a line end', { refreshToken: 'r\n' }],
  ])('with %s is no request', async (_, body) => {
    expect(await importInto('nobody', body)).toMatchObject({ status: 400, body: { code: 'request_invalid' } });
  });
});

describe('a release', () => {
  test('deletes the webhook, answers the tokens once, and revokes nothing: they can be imported again', async () => {
    account('rosa');
    await connectTenant(service, 'rosa', 'rosa');
    const { status, headers, body } = await release('rosa');
    expect(status, JSON.stringify(body)).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({ connection: { state: 'disconnected', account: null }, debts: [] });
    expect(webhooksOf('rosa')).toEqual([]);
    expect(service.sandbox.controls.tokens('rosa')).toMatchObject({ liveAccessTokens: 1, liveRefreshTokens: 1 });
    await waitFor(async () => (await grantsOf('rosa')).every(({ status: of }) => of === 'wiped'));
    expect(await release('rosa')).toMatchObject({ status: 409, body: { code: 'no_usable_grant' } });
    expect(await release('stranger')).toMatchObject({ status: 404, body: { code: 'tenant_unknown' } });

    expect((await importInto('rosa', body.tokens)).body.connection.state).toBe('connected');
    const everything = JSON.stringify(await service.database.db.selectFrom('history').selectAll().execute());
    for (const secret of [body.tokens.accessToken, body.tokens.refreshToken])
      expect(everything + service.logged.join('\n')).not.toContain(secret);
  });

  test('that cannot be noted has not happened: the tokens are still here', async () => {
    account('olga');
    await connectTenant(service, 'olga', 'olga');
    const { db } = service.database;
    await sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'no room'; end $$`.execute(
      db,
    );
    await sql`create trigger refuse before insert on audit for each row execute function refuse()`.execute(db);
    expect((await release('olga')).status).toBe(503);
    await sql`drop function refuse cascade`.execute(db);
    expect((await service.api('GET', connectionPath('olga'))).body.state).toBe('connected');
    const { body } = await release('olga');
    expect(service.sandbox.controls.tokens('olga')).toMatchObject({ liveRefreshTokens: 1 });
    expect((await importInto('olga', body.tokens)).body.connection.state).toBe('connected');
    const { items } = (await service.api('GET', '/v1/audit?limit=2')).body;
    expect(items).toMatchObject([{ action: 'import' }, { action: 'release', outcome: 'done', tenantId: 'olga' }]);
  });

  test('refreshes first where the access token has ended, and changes nothing while Calendly does not', async () => {
    account('rita');
    await connectTenant(service, 'rita', 'rita');
    await service.database.db
      .updateTable('oauth_grant')
      .set({ expires_at: new Date() })
      .where('tenant_id', '=', 'rita')
      .execute();
    const fault = service.sandbox.controls.faults.add({
      method: 'POST',
      path: '/oauth/token',
      kind: 'respond',
      status: 503,
    });
    expect(await release('rita', { prefer: 'wait=1' })).toMatchObject({
      status: 503,
      body: { code: 'token_unavailable' },
    });
    expect((await service.api('GET', connectionPath('rita'))).body.token).not.toBeNull();
    service.sandbox.controls.faults.remove(fault);
    let answer = await release('rita');
    await waitFor(async () => answer.status === 200 || ((answer = await release('rita')), false));
    expect(answer.body.connection.state).toBe('disconnected');
    expect(service.sandbox.controls.tokens('rita').liveRefreshTokens).toBe(1);
  });

  test('of many is read from a file, and goes on after a crash with those whose tokens are not on the disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'release-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [file, out] = [join(folder, 'tenants.csv'), join(folder, 'back.ndjson')];
    const names = ['uma', 'ugo', 'una'];
    for (const name of names) {
      account(name);
      await connectTenant(service, name, name);
    }
    const said: string[] = [];
    const run = (tenants: string[], given: object = {}) =>
      releaseCommand(
        { tenants, file, out, url: service.url, apiKey: API_KEY, concurrency: 2, ...given },
        (text) => void said.push(text),
      );
    expect(await run(['uma'], { file: undefined })).toBe(0);
    // Killed while it wrote: the line is cut off.
    await appendFile(out, '{"tenantId":"ugo","acc');
    await writeFile(
      file,
      `tenant_id,plan\n${names.map((name) => `${name},free`).join('\n')}\nno tenant,free\nstranger,free\n`,
    );
    said.length = 0;
    expect(await run([])).toBe(1);
    expect(said.join('')).toMatch(/line 5: tenantId must be .*stranger: No such tenant\n/s);
    expect(said.at(-1)).toBe('2 released, 1 released before, 2 left\n');
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    const lines = (await readFile(out, 'utf8')).split('\n').filter((line) => line.endsWith('}'));
    expect(lines.map((line) => JSON.parse(line).tenantId).toSorted()).toEqual(names.toSorted());
    for (const name of names) expect(service.sandbox.controls.tokens(name).liveRefreshTokens).toBe(1);

    await chmod(out, 0o644);
    expect(await run([])).toBe(64);
    expect(said.at(-1)).toContain('chmod 600');
    expect(said.join('')).not.toContain(JSON.parse(lines[0]!).refreshToken);
  });
});
