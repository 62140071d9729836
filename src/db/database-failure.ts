/** Errors of the database or of the network to it. They are marked where they leave the driver, so no list of error texts is needed. */
const fromDatabase = new WeakSet<Error>();

/**
 * SQLSTATE classes and codes that say that our own statement is wrong: a feature that is not there (0A), cardinality (21), data (22),
 * constraints (23), syntax and names (42), a limit of the program (54). The same statement would fail again.
 */
const OWN_FAULTS = /^(0A|21|22|23|42|54)/;
/** Except this one: a missing right may be granted again. */
const NOT_OWN = new Set(['42501']);

/** Marks whatever the driver throws, and gives it back. */
export function markDatabaseError<E>(error: E): E {
  if (error instanceof Error) fromDatabase.add(error);
  return error;
}

/** True if the database or the network to it is the cause: the same work may succeed when it has recovered. */
export function isDatabaseFailure(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (!fromDatabase.has(at)) continue;
    const code = 'code' in at ? String(at.code) : '';
    return !OWN_FAULTS.test(code) || NOT_OWN.has(code);
  }
  return false;
}
