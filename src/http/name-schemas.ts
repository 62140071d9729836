import type { TSchema } from 'typebox';

type Node = Record<string, unknown>;
export interface ApiDocument {
  info: { title: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths?: Record<string, Record<string, unknown>>;
  components?: { schemas?: Record<string, unknown> };
}

/**
 * Moves each schema with a title under `components` and refers to it by that name. `described` has the schemas of which the routes
 * say no more than a title. Two different schemas of one name are a mistake of ours.
 */
export function nameSchemas(document: ApiDocument, described: Readonly<Record<string, TSchema>>): ApiDocument {
  const schemas: Record<string, unknown> = {};
  const seen = new Map<string, string>();
  const visit = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== 'object' || node === null) return node;
    const { title } = node as Node;
    if (typeof title !== 'string') return visitEach(node as Node);
    const whole = JSON.stringify(described[title] ?? node);
    const before = seen.get(title);
    if (before === undefined) {
      seen.set(title, whole);
      const { title: _, ...rest } = JSON.parse(whole) as Node;
      schemas[title] = visitEach(rest);
    } else if (before !== whole) throw new Error(`Two different schemas are called ${title}`);
    return { $ref: `#/components/schemas/${title}` };
  };
  const visitEach = (node: Node): Node =>
    Object.fromEntries(Object.entries(node).map(([key, value]) => [key, visit(value)]));
  const paths = visitEach(document.paths ?? {}) as NonNullable<ApiDocument['paths']>;
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) nameProblems(operation);
  const byName = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...document, paths, components: { ...document.components, schemas: byName } };
}

/** Errors are sent as `application/problem+json`, whatever the other answers are. */
function nameProblems(operation: unknown): void {
  const { responses = {} } = operation as { responses?: Record<string, { content?: Record<string, unknown> }> };
  for (const status of ['4XX', '5XX']) {
    const json = responses[status]?.content?.['application/json'];
    if (json !== undefined) responses[status]!.content = { 'application/problem+json': json };
  }
}
