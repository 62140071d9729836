import { and, not } from 'xstate/guards';
import { renewToken } from '../grant.ts';
import { noteProblem } from '../problem.ts';

/** A call with the current grant failed. The first 401 in a pass leads to a refresh; the second one means that the grant is refused. */
export const failedCall = [
  { guard: and(['isUnauthorized', not('isRenewed')]), target: '#refreshingToken', actions: renewToken },
  { guard: 'isUnauthorized', target: '#needsReauthorization', actions: noteProblem },
  { guard: 'isInvalid', target: '#needsAttention', actions: noteProblem },
  { target: '#retrying', actions: noteProblem },
] as const;
