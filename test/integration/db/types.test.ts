import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { typesOfSchema } from '../../../src/db/types-of-schema.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

let database: TestDatabase;

beforeAll(async () => void (database = await createTestDatabase()));
afterAll(() => database.close());

test('src/db/types.ts is that of the migrations: if not, run `npm run generate:types`', async () => {
  const committed = await readFile(new URL('../../../src/db/types.ts', import.meta.url), 'utf8');
  expect(await typesOfSchema(database.db)).toBe(committed);
});
