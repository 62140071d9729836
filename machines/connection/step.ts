import { actionSetup as s, startTimer } from './action-setup.ts';
import type { Args, ConnectionEvent } from './events.ts';

/** A step is one stay in a state. The generation is its number; its effect, its answer and its timers carry it. */
export const nextGeneration = s.assign({ generation: ({ context }) => context.generation + 1 });

const generationOf = (event: ConnectionEvent) => ('generation' in event ? event.generation : undefined);
const isCurrent = ({ context, event }: Args): boolean => generationOf(event) === context.generation;
const failureOf = (event: ConnectionEvent) => ('failure' in event ? event.failure : undefined);
const isUnauthorized = ({ event }: Args): boolean => failureOf(event)?.kind === 'unauthorized';

export const stepGuards = {
  /** True for an event of this step. States do not ask it: `fence.ts` does. */
  isCurrent,
  isUnauthorized,
  /** Our request or our configuration is wrong. */
  isInvalid: ({ event }: Args) => failureOf(event)?.kind === 'invalid',
  isRenewed: ({ context }: Args) => context.renewed,
};

export const startDeadline = startTimer(
  'deadline',
  ({ generation }) => ({ type: 'deadline.passed', generation }),
  'untilDeadline',
);
export const startRetiringDeadline = startTimer(
  'deadline',
  ({ generation }) => ({ type: 'deadline.passed', generation }),
  'untilRetired',
);
export const stopDeadline = s.cancel('deadline');

export const startRetryTimer = startTimer(
  'retry',
  ({ generation }) => ({ type: 'retry.due', generation }),
  'untilRetry',
);
export const stopRetryTimer = s.cancel('retry');
export const startRecheckTimer = startTimer(
  'recheck',
  ({ generation }) => ({ type: 'recheck.due', generation }),
  'untilRecheck',
);
export const stopRecheckTimer = s.cancel('recheck');

/** A pass is one try to get connected. A new pass starts with these values. */
export const freshPass = {
  routine: false,
  renewed: false,
  creates: 0,
  draft: null,
  surplus: [],
  clearing: [],
};
export const beginPass = s.assign(freshPass);
export const countFailure = s.assign({ failures: ({ context }) => context.failures + 1 });
/** The pass has succeeded. */
export const settleIn = s.assign({
  ...freshPass,
  problem: null,
  failures: 0,
  retryAfterSeconds: 0,
  missingScopes: [],
  origin: 'disconnected',
});
