import type { SandboxContext } from '../context.ts';
import type { Subscription } from '../state.ts';

type Candidate = Pick<Subscription, 'url' | 'scope' | 'organization' | 'user' | 'group' | 'events'>;

/** True if Calendly would answer 409. Its message says "this url". What it really compares is a switch. */
export function conflicts(context: SandboxContext, candidate: Candidate): boolean {
  const { conflictKey, disabledConflicts } = context.switches;
  return context.state.subscriptions.some((existing) => {
    if (existing.deletedAt !== null) return false;
    if (existing.state === 'disabled' && !disabledConflicts) return false;
    if (conflictKey === 'url') return existing.url === candidate.url;
    if (!isSameTarget(existing, candidate)) return false;
    if (conflictKey === 'url+scope') return existing.url === candidate.url;
    return isSameSet(existing.events, candidate.events);
  });
}

function isSameTarget(a: Candidate, b: Candidate): boolean {
  return a.scope === b.scope && a.organization === b.organization && a.user === b.user && a.group === b.group;
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((event) => b.includes(event));
}
