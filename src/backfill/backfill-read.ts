import type { Failure } from '../../machines/connection/index.ts';

export type BackfillScope = 'user' | 'organization';

/** The result of reading some events. */
export type Read =
  | { kind: 'done' }
  | { kind: 'superseded' }
  | { kind: 'failed'; failure: Failure }
  /** The job has read its share, or the rate limit is nearly used up. */
  | { kind: 'pause'; seconds: number };
