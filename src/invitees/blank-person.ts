/** The fields of a meeting that say who the invitee is, or that lead to a page with that. */
const OF_THE_PERSON = new Set([
  'name',
  'email',
  'timezone',
  'location',
  'joinUrl',
  'cancelUrl',
  'rescheduleUrl',
] as const satisfies string[]);

/** A copy of an event to the host in which these fields are null, wherever they are. The meeting can still be identified. */
export function blankPerson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(blankPerson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      (OF_THE_PERSON as ReadonlySet<string>).has(name) ? null : blankPerson(item),
    ]),
  );
}
