import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { connectionMachine } from '../../machines/connection/index.ts';
import { problems } from '../../src/errors.ts';
import { HOST_EVENT_TYPES } from '../../src/host-events/host-event.ts';

// That the committed document is the application's own is a test of its own (generated.test.ts).
const text = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
const document = JSON.parse(text);
const operations: Record<string, any>[] = Object.entries<Record<string, object>>(document.paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, route: `${method} ${path}` })),
);
const { schemas } = document.components;

test('every operation has a name of its own, a summary and one of the groups', () => {
  const names = operations.map(({ operationId }) => operationId);
  expect(operations.filter(({ operationId }) => !/^[a-z][A-Za-z]+$/.test(operationId ?? ''))).toEqual([]);
  expect(names).toEqual([...new Set(names)]);
  const groups = document.tags.map(({ name }: { name: string }) => name);
  expect(operations.filter(({ summary, tags }) => !summary || tags?.length !== 1 || !groups.includes(tags[0]))).toEqual(
    [],
  );
  expect(groups.filter((group: string) => !operations.some(({ tags }) => tags.includes(group)))).toEqual([]);
});

test('every answer under /v1 is a named schema, and every problem a problem document', () => {
  const answers = operations
    .filter(({ route, operationId }) => route.includes(' /v1/') && operationId !== 'streamEvents')
    .flatMap(({ route, responses }) =>
      Object.entries<any>(responses).map(([status, { content }]) => [route, status, content] as const),
    );
  for (const [route, status, content] of answers) {
    const type = status.startsWith('2') ? 'application/json' : 'application/problem+json';
    const name = /^#\/components\/schemas\/(\w+)$/.exec(content[type]?.schema.$ref ?? '')?.[1];
    expect(name, `${route} ${status}`).toBeDefined();
    expect(name === 'Problem', `${route} ${status}`).toBe(!status.startsWith('2'));
  }
});

test('every reference leads to a schema, and every schema is referred to', () => {
  const named = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name));
  expect([...named].sort()).toEqual(Object.keys(schemas).sort());
});

test('states, problems and events are listed one by one', () => {
  expect(schemas.ConnectionState.enum).toEqual(Object.keys(connectionMachine.states));
  expect(schemas.Connection.properties.state).toEqual({ $ref: '#/components/schemas/ConnectionState' });
  expect(schemas.Problem.properties.code.enum).toEqual(Object.keys(problems));
  const types = schemas.ReconnectEvent.anyOf.map(
    ({ $ref }: { $ref: string }) => schemas[$ref.split('/').at(-1)!].properties.type.enum[0],
  );
  expect(types).toEqual([...HOST_EVENT_TYPES]);
});
