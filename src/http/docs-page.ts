import { html, type Html } from '../html/html.ts';
import type { ApiDocument } from './name-schemas.ts';

type Schema = Record<string, unknown>;
interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: Schema }> }>;
  security?: unknown[];
}
interface Route {
  path: string;
  method: string;
  id: string;
  operation: Operation;
}

/** The routes for a person, from the same document as `/openapi.json`: by group, each with its name, and then the named schemas. */
export function docsPage({ info, tags = [], paths = {}, components = {} }: ApiDocument): Html {
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Route => {
      const { operationId = `${method}${path.replace(/[^\w]+/g, '-')}` } = operation as Operation;
      return { path, method: method.toUpperCase(), id: operationId, operation: operation as Operation };
    }),
  );
  const groups = tags.map((tag) => ({
    ...tag,
    routes: routes.filter(({ operation }) => operation.tags?.includes(tag.name)),
  }));
  const schemas = Object.entries(components.schemas ?? {}) as [string, Schema][];
  return html`<p>${info.description ?? ''} For programs: <a href="openapi.json">openapi.json</a>.</p>
<nav aria-label="Routes">${groups.map(
    (group) => html`<h2><a href="#group-${group.name}">${group.name}</a></h2>
<ul>${group.routes.map(({ method, path, id, operation }) => html`<li><a href="#${id}">${id}</a> <code>${method} ${path}</code> ${operation.summary}</li>`)}</ul>`,
  )}<h2><a href="#schemas">Schemas</a></h2></nav>
${groups.map(
  (group) => html`<section aria-labelledby="group-${group.name}"><h2 id="group-${group.name}">${group.name}</h2>
<p>${group.description}</p>${group.routes.map(route)}</section>`,
)}
<section aria-labelledby="schemas"><h2 id="schemas">Schemas</h2>
${schemas.map(([name, schema]) => html`<h3 id="schema-${name}">${name}</h3>${code(name, schema)}`)}</section>`;
}

const route = ({ method, path, id, operation }: Route): Html =>
  html`<section aria-labelledby="${id}"><h3 id="${id}">${id}</h3>
<p><code>${method} ${path}</code> ${operation.summary}</p>
${(operation.security?.length ?? 0) > 0 && html`<p><em>Needs an API key. ${operation.description?.replaceAll('`', '')}</em></p>`}
${parameters(operation)}${body(operation)}${responses(operation)}</section>`;

function parameters({ parameters: list = [] }: Operation): Html | false {
  return (
    list.length > 0 &&
    html`<table tabindex="0"><caption>Parameters</caption><thead><tr><th scope="col">name</th><th scope="col">in</th><th scope="col">type</th><th scope="col">meaning</th></tr></thead>
<tbody>${list.map(
      ({
        name,
        in: place,
        required,
        schema,
        description,
      }) => html`<tr><th scope="row"><code>${name}</code></th><td>${place}${required && ', required'}</td>
<td><code>${JSON.stringify(withoutDescription(schema))}</code></td><td>${description ?? textOf(schema?.['description'])}</td></tr>`,
    )}</tbody></table>`
  );
}

const body = ({ requestBody }: Operation): Html[] =>
  Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => answer(`Body, ${type}`, schema));

const responses = ({ responses: all = {} }: Operation): Html[] =>
  Object.entries(all).flatMap(([status, { content = {} }]) =>
    Object.values(content).map(({ schema }) => answer(`Answer ${status}`, schema)),
  );

/** A named schema is a link; any other is shown at once. */
function answer(title: string, schema: Schema = {}): Html {
  const name = /^#\/components\/schemas\/(\w+)$/.exec(textOf(schema['$ref']))?.[1];
  if (name !== undefined) return html`<p>${title}: <a href="#schema-${name}">${name}</a></p>`;
  return html`<details><summary>${title}</summary>${code(title, schema)}</details>`;
}

const code = (title: string, schema: Schema): Html =>
  html`<pre tabindex="0" aria-label="${title}">${JSON.stringify(schema, null, 2)}</pre>`;

function withoutDescription(schema: Schema = {}): Schema {
  const { description: _, ...rest } = schema;
  return rest;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
