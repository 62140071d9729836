import type { SandboxContext } from '../context.ts';
import { tooManyRequests } from '../rate-limits.ts';
import type { Stage } from '../state.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

interface Limit {
  windowMs: number;
  requests: number;
}

const paid: readonly Limit[] = [
  { windowMs: MINUTE_MS, requests: 10 },
  { windowMs: HOUR_MS, requests: 50 },
  { windowMs: DAY_MS, requests: 100 },
];
const trial: readonly Limit[] = [{ windowMs: DAY_MS, requests: 5 }];
/** Calendly does not document the free plan's limits. The trial's are the smallest, so they are used. */
const LIMITS: Readonly<Record<Stage, readonly Limit[]>> = { free: trial, trial, paid };

/** `POST /invitees` has limits of its own beside the general ones. They are counted per user in sliding windows. */
export class InviteeCreationLimits {
  readonly #requests = new Map<string, number[]>();

  count(context: SandboxContext, user: string, stage: Stage): void {
    if (context.switches.inviteeCreationLimits === null) return;
    const now = context.clock.nowMs();
    const recent = (this.#requests.get(user) ?? []).filter((at) => at > now - DAY_MS);
    for (const { windowMs, requests } of LIMITS[stage]) {
      const inWindow = recent.filter((at) => at > now - windowMs);
      if (inWindow.length < requests) continue;
      throw tooManyRequests(context, requests, Math.max(1, Math.ceil((inWindow[0]! + windowMs - now) / 1000)));
    }
    this.#requests.set(user, [...recent, now]);
  }
}
