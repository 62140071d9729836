import { cutQueries } from './cut-queries.ts';

export type LoggedError = { type: string; message: string; code?: string; stack?: string; cause?: LoggedError };

/** Named members only: libraries hang requests, responses and options on their errors, tokens and all. */
export function serializeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'a value that is not an Error was thrown' };
  const code = (error as { code?: unknown }).code;
  return {
    type: error.name,
    message: cutQueries(error.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: cutQueries(error.stack) }),
    ...(error.cause === undefined || depth >= 3 ? {} : { cause: serializeError(error.cause, depth + 1) }),
  };
}
