import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestService, type TestService } from '../support/service/start-test-service.ts';
import { clientDocument } from './generate/client-document.ts';
import { configurationDocument } from './generate/configuration-document.ts';
import { diagnosesDocument } from './generate/diagnoses-document.ts';
import { openapiDocument } from './generate/openapi-document.ts';
import { schemaDocument } from './generate/schema-document.ts';

let running: TestService;
beforeAll(async () => void (running = await startTestService()));
afterAll(() => running.stop());

const committed = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const hint = 'if the change is meant, run `npm run generate:docs`';

test('docs/configuration.md is that of the settings', async () => {
  expect(configurationDocument(), hint).toBe(await committed('configuration.md'));
});

test('docs/diagnoses.md is that of the rules', async () => {
  expect(diagnosesDocument(), hint).toBe(await committed('diagnoses.md'));
});

test('docs/openapi.json is that of the routes', async () => {
  expect(await openapiDocument(running.service.app), hint).toBe(await committed('openapi.json'));
});

test("src/client/api.ts is that of the routes' description", async () => {
  const description = await openapiDocument(running.service.app);
  expect(clientDocument(JSON.parse(description)), hint).toBe(
    await readFile(new URL('../../src/client/api.ts', import.meta.url), 'utf8'),
  );
});

test('docs/schema.sql is that of the migrations', async () => {
  expect(await schemaDocument(running.database.db), hint).toBe(await committed('schema.sql'));
});
