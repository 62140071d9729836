import { and, not, or } from 'xstate/guards';

type Check = (...args: never[]) => boolean;
interface Combined {
  check?: Check;
  guards?: unknown[];
}
const checkOf = (guard: unknown): Check | undefined => (guard as Combined).check;
const AND = checkOf(and([]));
const OR = checkOf(or([]));
const NOT = checkOf(not('isCurrent' as never));

/** A transition's guard as one reads it: `isThisDebt`, `cameFrom retrying`, `isCurrent and not isRoutine`. Null without a guard. */
export function guardName(guard: unknown): string | null {
  if (guard === undefined || guard === null) return null;
  if (typeof guard === 'string') return guard;
  const { type, params } = guard as { type?: unknown; params?: object };
  if (typeof type === 'string') return [type, ...Object.values(params ?? {}).map(wordsOf)].join(' ');
  const parts = ((guard as Combined).guards ?? []).map((part) => guardName(part) ?? '');
  switch (checkOf(guard)) {
    case AND:
      return parts.map((part) => (part.includes(' or ') ? `(${part})` : part)).join(' and ');
    case OR:
      return parts.join(' or ');
    case NOT:
      return `not ${parts.join()}`;
    default:
      return 'condition';
  }
}

const wordsOf = (value: unknown): string => [value].flat().join(' or ');
