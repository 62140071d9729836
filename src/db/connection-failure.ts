/**
 * SQLSTATE classes and codes that say: the database is away, starting, stopping, a standby for the moment (25006), out of space or
 * connections (53), unable to read or write its files (58), or gave up this transaction for its own reasons.
 */
const SQLSTATES = /^(08...|25006|25P03|40001|40P01|53...|57...|58...)$/;
const SYSTEM_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
/** pg raises these without a code. */
const MESSAGES = /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/;

/** True when the same work may succeed once the database is back. */
export function isConnectionFailure(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = 'code' in at ? String(at.code) : '';
    if (SQLSTATES.test(code) || SYSTEM_CODES.has(code) || MESSAGES.test(at.message)) return true;
    if (at instanceof AggregateError && at.errors.some(isConnectionFailure)) return true;
  }
  return false;
}
