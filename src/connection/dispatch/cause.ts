/** Who or what brought an event. The history shows it; no decision uses it. */
export type Cause =
  /** `key`: the name of the API key; none where a browser came. */
  | { kind: 'route'; route: string; key?: string }
  | { kind: 'operator'; name: string; route: string }
  | { kind: 'effect'; effectId: string; effect: string }
  | { kind: 'timer'; name: string }
  /** A checkpoint that was written before older rows were deleted. */
  | { kind: 'retention' };
