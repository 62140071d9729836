/** What stands at a place of an answer; undefined where there is no such place. Answers may be anything. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (found, name) =>
      typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[name] : undefined,
    value,
  );
}

/** Of a list's items the URIs. */
export function urisOf(body: unknown): string[] {
  const items = at(body, 'collection');
  return Array.isArray(items) ? items.map((item) => String(at(item, 'uri'))) : [];
}
