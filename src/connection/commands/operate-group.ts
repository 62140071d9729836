import { diagnoseAll, MOST_SUSPECTS } from '../reads/diagnose-all.ts';
import type { Cause } from '../dispatch/cause.ts';
import type { CommandDeps } from './command-deps.ts';
import { assertMayAct } from './assert-may-act.ts';
import { operate, type OperatorCommandName } from './operate.ts';

/** This many take about a second. After each step the caller can go on or stop. */
const MOST_AT_ONCE = 100;

export interface GroupStep {
  /** For this step: how many tenants took the command, and how many did not in the state that they were in. */
  accepted: number;
  refused: number;
  /** Where the next step goes on, and how many tenants it has left; null after the last step. */
  next: { after: string; left: number } | null;
}

/**
 * Sends one command to the tenants of one group of diagnoses, some of them at a time. It does not wait for the outcome. A tenant that does
 * not belong to the group any more is left alone. Each tenant's history shows the command with the operator's name.
 */
export async function operateGroup(
  deps: CommandDeps,
  {
    code,
    headline,
    command,
    after,
    cause,
  }: { code: string; headline: string; command: OperatorCommandName; after: string; cause: Cause },
): Promise<GroupStep> {
  assertMayAct(deps);
  const asking = { now: deps.now(), mayAct: true };
  const { groups } = await diagnoseAll(deps.db, asking, { code, named: MOST_SUSPECTS });
  const group = groups.find((each) => each.headline === headline);
  const ids = (group?.tenantIds ?? []).filter((id) => id > after);
  const step = { accepted: 0, refused: 0 };
  for (const id of ids.slice(0, MOST_AT_ONCE)) {
    try {
      await operate(deps, id, command, cause);
      step.accepted += 1;
    } catch {
      // Its state has changed meanwhile, or its row is locked: skip it, so that the others need not wait.
      step.refused += 1;
    }
  }
  const left = ids.length - MOST_AT_ONCE;
  return { ...step, next: left > 0 ? { after: ids[MOST_AT_ONCE - 1]!, left } : null };
}
