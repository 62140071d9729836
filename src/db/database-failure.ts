/** Errors of the database or of the network to it. They are marked where they leave the driver, so no list of error texts is needed. */
const fromDatabase = new WeakSet<Error>();

/**
 * Classes and codes of SQLSTATE that mean an error in our own statement, which would fail again: unsupported feature (0A), cardinality
 * (21), data (22), constraint (23), syntax and names (42), program limit (54).
 */
const OWN_FAULTS = /^(0A|21|22|23|42|54)/;
/** An exception to these: a missing right may be granted again. */
const NOT_OWN = new Set(['42501']);

/** Marks an error that the driver throws, and returns it. */
export function markDatabaseError<E>(error: E): E {
  if (error instanceof Error) fromDatabase.add(error);
  return error;
}

/** True if the database or the network to it is the cause. Then the same work may succeed later. */
export function isDatabaseFailure(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (!fromDatabase.has(at)) continue;
    const code = 'code' in at ? String(at.code) : '';
    return !OWN_FAULTS.test(code) || NOT_OWN.has(code);
  }
  return false;
}
