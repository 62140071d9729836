import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface Operation {
  method: string;
  /** As documented: `/event_types/{uuid}`. */
  path: string;
  pattern: RegExp;
  /** By status: the schema of the JSON body, or null where there is none. */
  responses: Map<string, object | null>;
}

type Json = Record<string, any>;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Every operation of all OpenAPI documents in a folder. Of two that describe the same one the OpenAPI 3.1 document is newer, and counts. */
export function readOperations(folder: string): Operation[] {
  const operations = new Map<string, Operation>();
  for (const document of readDocuments(folder)) {
    for (const [path, item] of Object.entries(document['paths'] as Json)) {
      for (const method of METHODS.filter((name) => item[name])) {
        const key = `${method} ${path.replaceAll(/\{[^}]+\}/g, '{}')}`;
        if (!operations.has(key)) operations.set(key, operationOf(document, method, path, item[method]));
      }
    }
  }
  // Those without parameters first: `/users/me` is not `/users/{uuid}`.
  return [...operations.values()].sort((a, b) => parameters(a) - parameters(b));
}

/** A schema by its name, from the newest document that has it. */
export function readSchema(folder: string, name: string): object {
  const document = readDocuments(folder).find((each) => each['components'].schemas[name] !== undefined);
  if (document === undefined) throw new Error(`No document has the schema ${name}`);
  return jsonSchema(document, document['components'].schemas[name]);
}

/** Newest first. */
function readDocuments(folder: string): Json[] {
  return readdirSync(folder)
    .filter((name) => /\.(json|ya?ml)$/.test(name))
    .map((name) => parse(readFileSync(join(folder, name), 'utf8')) as Json)
    .filter((document) => document['paths'])
    .sort((a, b) => (a['openapi'] < b['openapi'] ? 1 : -1));
}

const parameters = ({ path }: Operation): number => path.split('{').length;

function operationOf(document: Json, method: string, path: string, described: Json): Operation {
  const responses = new Map<string, object | null>();
  for (const [status, answer] of Object.entries(described['responses'] as Json)) {
    const schema = resolve(document, answer)['content']?.['application/json']?.schema;
    responses.set(status, schema === undefined ? null : jsonSchema(document, schema));
  }
  const pattern = new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
  return { method: method.toUpperCase(), path, pattern, responses };
}

function resolve(document: Json, node: Json): Json {
  const reference: string | undefined = node['$ref'];
  if (reference === undefined) return node;
  return resolve(
    document,
    reference
      .slice(2)
      .split('/')
      .reduce((at, key) => at[key], document),
  );
}

/** What a validator of JSON Schema understands: references put in place, and OpenAPI 3.0's `nullable` said as JSON Schema says it. */
function jsonSchema(document: Json, node: unknown): any {
  if (Array.isArray(node)) return node.map((item) => jsonSchema(document, item));
  if (typeof node !== 'object' || node === null) return node;
  const schema = resolve(document, node as Json);
  const translated: Json = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'nullable' || key.startsWith('x-') || key.startsWith('example')) continue;
    if (key === 'properties') {
      translated[key] = Object.fromEntries(
        Object.entries(value as Json).map(([name, each]) => [name, jsonSchema(document, each)]),
      );
    } else if (key === 'oneOf') {
      // Alternatives of the documents overlap (a recap that was made is a recap that was changed, too): one that fits is enough.
      translated['anyOf'] = jsonSchema(document, value);
    } else if (key === 'enum') {
      // One list in the documents is no list.
      translated[key] = [value].flat();
    } else {
      translated[key] = jsonSchema(document, value);
    }
  }
  if (schema['nullable'] !== true) return translated;
  if (typeof translated['type'] !== 'string' || translated['anyOf']) return { anyOf: [translated, { type: 'null' }] };
  return {
    ...translated,
    type: [translated['type'], 'null'],
    ...(translated['enum'] && { enum: [...translated['enum'], null] }),
  };
}
