/** The value at a place of an answer; undefined if there is no such place. Answers may be anything. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (found, name) =>
      typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[name] : undefined,
    value,
  );
}

/** The URIs of a list's items. */
export function urisOf(body: unknown): string[] {
  const items = at(body, 'collection');
  return Array.isArray(items) ? items.map((item) => String(at(item, 'uri'))) : [];
}
