import { html, type Html } from '../html/html.ts';

type Schema = Record<string, unknown>;
interface Operation {
  summary?: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: Schema }> }>;
  security?: unknown[];
}
export interface ApiDocument {
  info: { title: string; description?: string };
  paths?: Record<string, Record<string, unknown>>;
}

/** The routes for a person, from the same document as `/openapi.json`: plain markup, no script. */
export function docsPage({ info, paths = {} }: ApiDocument): Html {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      id: `${method}${path.replace(/[^\w]+/g, '-')}`,
      operation: operation as Operation,
    })),
  );
  return html`<p>${info.description ?? ''} For programs: <a href="openapi.json">openapi.json</a>.</p>
<nav aria-label="Routes"><ul>${operations.map(({ method, path, id, operation }) => html`<li><a href="#${id}"><code>${method} ${path}</code></a> ${operation.summary}</li>`)}</ul></nav>
${operations.map(
  ({
    method,
    path,
    id,
    operation,
  }) => html`<section aria-labelledby="${id}"><h2 id="${id}"><code>${method} ${path}</code></h2>
<p>${operation.summary}${(operation.security?.length ?? 0) > 0 && html` <em>Needs an API key.</em>`}</p>
${parameters(operation)}${body(operation)}${responses(operation)}</section>`,
)}`;
}

function parameters({ parameters: list = [] }: Operation): Html | false {
  return (
    list.length > 0 &&
    html`<table><caption>Parameters</caption><thead><tr><th scope="col">name</th><th scope="col">in</th><th scope="col">type</th><th scope="col">meaning</th></tr></thead>
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
  Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => folded(`Body, ${type}`, schema));

const responses = ({ responses: all = {} }: Operation): Html[] =>
  Object.entries(all).flatMap(([status, { content = {} }]) =>
    Object.values(content).map(({ schema }) => folded(`Answer ${status}`, schema)),
  );

const folded = (title: string, schema: Schema | undefined): Html =>
  html`<details><summary>${title}</summary><pre tabindex="0" aria-label="${title}">${JSON.stringify(schema ?? {}, null, 2)}</pre></details>`;

function withoutDescription(schema: Schema = {}): Schema {
  const { description: _, ...rest } = schema;
  return rest;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
