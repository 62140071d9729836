/**
 * The same text for equal values, to compare and to order them: JSON with sorted keys. Null is written as `~`, which sorts after every
 * value. So if two versions differ in nothing else, the one with more values comes first.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || value === undefined) return '~';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join()}}`;
}
