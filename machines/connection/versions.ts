import { MACHINE_VERSION } from './version.ts';

/** A snapshot as it was stored: plain JSON, with the names of its machine version. */
export type Plain = Record<string, unknown>;

/**
 * One step to the next version: it renames states, and adds or removes fields. Timers and effects that are under way are not
 * changed, so their events must still be accepted, or do no harm.
 */
export type Upcast = (snapshot: Plain) => Plain;

/** By the version that a step leads away from: `1` makes version 2 of version 1. */
export const upcasts: Record<number, Upcast> = {
  /** Failed refreshes, refused debts and incomplete back-fills are counted from now on. */
  1: (snapshot) => {
    const context = snapshot['context'] as Plain;
    const debts = (context['debts'] as Plain[]).map((debt) => ({ ...debt, refusals: 0 }));
    const backfill = { ...(context['backfill'] as Plain), again: null, incomplete: 0 };
    return { ...snapshot, context: { ...context, refreshFailures: 0, debts, backfill } };
  },
  /** Connections can be imported from now on; none is. */
  2: (snapshot) => ({ ...snapshot, context: { ...(snapshot['context'] as Plain), importing: null } }),
  /** A tenant can have settings of its own from now on; none has. */
  3: (snapshot) => {
    const settings = {
      webhookScope: null,
      webhookEvents: null,
      pollingMinutes: null,
      backfillPastDays: null,
      backfillHours: null,
    };
    return { ...snapshot, context: { ...(snapshot['context'] as Plain), settings } };
  },
};

/** This machine cannot read the snapshot. As a rule an instance of a newer release has written it. */
export class SnapshotVersionError extends Error {
  override name = 'SnapshotVersionError';
  readonly code = 'snapshot_version';

  constructor(from: number, to: number) {
    super(`A snapshot of machine version ${from} has no way to version ${to}`);
  }
}

/** Returns the snapshot as this machine reads it. Throws a `SnapshotVersionError` if no steps lead here from its version. */
export function upcast(snapshot: Plain, fromVersion: number, { steps = upcasts, to = MACHINE_VERSION } = {}): Plain {
  if (fromVersion === to) return snapshot;
  const step = fromVersion < to ? steps[fromVersion] : undefined;
  if (step === undefined) throw new SnapshotVersionError(fromVersion, to);
  return upcast(step(snapshot), fromVersion + 1, { steps, to });
}
