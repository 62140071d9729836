import type { Problem } from './api.ts';

/**
 * The service refused, or did not answer. `code` is that of the problem document (`docs/errors.md`), or one of ours:
 * `unreachable` (no answer came), `timed_out`, `answer_unreadable` (what came is not from this service, or is too long).
 * A later release may have more codes.
 */
export class ReconnectError extends Error {
  override name = 'ReconnectError';
  readonly code: Problem['code'] | 'unreachable' | 'timed_out' | 'answer_unreadable' | (string & {});
  /** Of the answer; null where none came. */
  readonly status: number | null;
  /** How long to wait before the call is made again, where the service has said so. */
  readonly retryAfterSeconds: number | null;
  /** The whole document: `acceptedEvents` of `event_not_accepted`, say. */
  readonly problem: Problem | null;

  constructor(
    code: ReconnectError['code'],
    message: string,
    {
      status = null,
      retryAfterSeconds = null,
      problem = null,
      cause,
    }: {
      status?: number | null;
      retryAfterSeconds?: number | null;
      problem?: Problem | null;
      cause?: unknown;
    } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
    this.problem = problem;
  }
}
