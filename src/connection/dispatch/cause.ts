/** Who caused an event: shown in the history, never used for a decision. */
export type Cause =
  | { kind: 'route'; route: string }
  | { kind: 'operator'; name: string; route: string }
  | { kind: 'effect'; effectId: string; effect: string }
  | { kind: 'timer'; name: string }
  /** A checkpoint that was written before older rows were deleted. */
  | { kind: 'retention' };
