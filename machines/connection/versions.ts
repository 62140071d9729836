import { MACHINE_VERSION } from './version.ts';

/** A snapshot as it was stored: plain JSON, in the words of its version. */
export type Plain = Record<string, unknown>;

/**
 * One step to the next version: the same connection, in the words of the newer machine. States that were renamed, fields that came or
 * went. Timers and effects under way keep the events of their time: what they bring should still be taken, or be harmless.
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
};

/** A snapshot that this machine cannot read: of a newer one, as a rule, while an instance of the next release runs beside. */
export class SnapshotVersionError extends Error {
  override name = 'SnapshotVersionError';
  readonly code = 'snapshot_version';

  constructor(from: number, to: number) {
    super(`A snapshot of machine version ${from} has no way to version ${to}`);
  }
}

/** The snapshot in the words of this machine, or a `SnapshotVersionError` for one that no steps lead from. */
export function upcast(snapshot: Plain, fromVersion: number, { steps = upcasts, to = MACHINE_VERSION } = {}): Plain {
  if (fromVersion === to) return snapshot;
  const step = fromVersion < to ? steps[fromVersion] : undefined;
  if (step === undefined) throw new SnapshotVersionError(fromVersion, to);
  return upcast(step(snapshot), fromVersion + 1, { steps, to });
}
