/** The fields of a meeting that say who the invitee is, or lead to a page that does. */
const OF_THE_PERSON = new Set([
  'name',
  'email',
  'timezone',
  'location',
  'joinUrl',
  'cancelUrl',
  'rescheduleUrl',
] as const satisfies string[]);

/** A copy of an event to the host with these fields null, wherever they stand in it. Which meeting it is stays. */
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
