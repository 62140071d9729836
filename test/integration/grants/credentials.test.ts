import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CredentialError,
  deleteCredentials,
  readCredential,
  storeCredential,
} from '../../../src/grants/credentials.ts';
import { readAccessToken, type GrantRow } from '../../../src/grants/grant-rows.ts';
import { rotateCredentials } from '../../../src/upkeep/rotate-credentials.ts';
import { createSealedBox } from '../../../src/grants/sealed-box.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

const [first, second, lost] = ['first', 'second', 'lost'].map((id) => ({ id, key: randomBytes(32) }));
const box = createSealedBox([first!]);
const rotating = createSealedBox([second!, first!]);
const owner = { tenantId: 'acme', purpose: 'refresh_token' } as const;

describe('credentials', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await createTestDatabase()));
  afterAll(() => database.close());
  const store = (value: string, with_ = box, id?: string) =>
    database.db.transaction().execute((trx) => storeCredential(trx, with_, { ...owner, value, ...(id ? { id } : {}) }));
  const read = (id: string, with_ = box) => readCredential(database.db, with_, id, owner);

  test('stores a secret that can be read again, but not in the table', async () => {
    const chosen = randomUUID();
    const id = await store('canary-token');
    expect(await store('canary-other', box, chosen)).toBe(chosen);
    expect(await read(id)).toBe('canary-token');
    expect(await read(chosen)).toBe('canary-other');
    const { rows } = await database.pool.query<{ row: string }>(
      `select c::text || encode(sealed, 'escape') as row from credential c`,
    );
    expect(rows.map(({ row }) => row).join()).not.toContain('canary');
  });

  test('goes back with its transaction', async () => {
    let id = '';
    const failing = database.db.transaction().execute(async (trx) => {
      id = await storeCredential(trx, box, { ...owner, value: 'token' });
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await expect(read(id)).rejects.toThrow(CredentialError);
  });

  test('is not found for another tenant or purpose, nor opened when moved to another row', async () => {
    const id = await store('token');
    await expect(readCredential(database.db, box, id, { ...owner, tenantId: 'other' })).rejects.toThrow(
      CredentialError,
    );
    await expect(readCredential(database.db, box, id, { ...owner, purpose: 'access_token' })).rejects.toThrow(
      CredentialError,
    );
    await database.pool.query(`update credential set tenant_id = 'other' where id = $1`, [id]);
    await expect(readCredential(database.db, box, id, { ...owner, tenantId: 'other' })).rejects.toMatchObject({
      code: 'not_authentic',
    });
    await database.pool.query('delete from credential where id = $1', [id]);
  });

  test('is no access token once it has gone between the reading of its grant and of itself', async () => {
    const grant = { tenant_id: 'acme', access_token_id: randomUUID() } as GrantRow;
    expect(await readAccessToken(database.db, box, grant)).toBeNull();
  });

  test('is deleted by id, and deleting nothing is fine', async () => {
    const [one, two] = [await store('one'), await store('two')];
    await database.db.transaction().execute(async (trx) => {
      await deleteCredentials(trx, []);
      await deleteCredentials(trx, [one, randomUUID()]);
    });
    await expect(read(one)).rejects.toThrow(CredentialError);
    expect(await read(two)).toBe('two');
  });

  test('is sealed again under the first key while others read, store and rotate', async () => {
    const ids = await Promise.all(Array.from({ length: 23 }, (_, index) => store(`token ${index}`)));
    const [rotations] = await Promise.all([
      Promise.all([
        rotateCredentials(database.db, rotating, { batch: 5 }),
        rotateCredentials(database.db, rotating, { batch: 4 }),
      ]),
      Promise.all(ids.map(async (id, index) => expect(await read(id, rotating)).toBe(`token ${index}`))),
      store('stored meanwhile', rotating),
    ]);
    expect(rotations.every(({ unreadable }) => unreadable === 0)).toBe(true);
    await rotateCredentials(database.db, rotating, { batch: 100 });
    const { rows } = await database.pool.query('select distinct key_id from credential');
    expect(rows).toEqual([{ key_id: 'second' }]);
    for (const [index, id] of ids.entries()) expect(await read(id, createSealedBox([second!]))).toBe(`token ${index}`);
    expect(await rotateCredentials(database.db, rotating, { batch: 5 })).toEqual({
      rotated: 0,
      unreadable: 0,
      remaining: 0,
    });
  });

  test('leaves what it cannot open and goes on', async () => {
    const unreadable = await store('sealed with a lost key', createSealedBox([lost!]));
    const readable = await store('token');
    expect(await rotateCredentials(database.db, rotating, { batch: 1 })).toEqual({
      rotated: 1,
      unreadable: 1,
      remaining: 0,
    });
    expect(await read(unreadable, createSealedBox([lost!]))).toBe('sealed with a lost key');
    expect(await read(readable, rotating)).toBe('token');
  });

  test('counts rows that somebody else holds as remaining', async () => {
    const id = await store('token');
    await database.db.transaction().execute(async (trx) => {
      await trx.selectFrom('credential').selectAll().where('id', '=', id).forUpdate().execute();
      expect(await rotateCredentials(database.db, rotating, { batch: 10 })).toMatchObject({ rotated: 0, remaining: 1 });
    });
    expect(await rotateCredentials(database.db, rotating, { batch: 10 })).toMatchObject({ rotated: 1, remaining: 0 });
  });
});
