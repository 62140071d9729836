import { cutQueries } from './cut-queries.ts';

export type LoggedError = { type: string; message: string; code?: string; stack?: string; cause?: LoggedError };

/** Only members that are named here, because libraries attach requests, responses and options to their errors, with tokens. */
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
