import type { Evidence, Next, Verdict } from './diagnosis.ts';
import { placeBehind, type FailedCall, type Facts } from './facts.ts';

/** What a rule found: since when, the words for its sentence, and the evidence. */
export interface Found {
  since: string;
  words?: Readonly<Record<string, string | number>>;
  evidence?: Evidence[];
}

/** One rule: a cause, when it holds, and what to do. */
export interface Rule {
  code: string;
  verdict: Verdict;
  /** `{word}` stands for what `when` found. The words have few different values, because tenants are grouped by this sentence. */
  headline: string;
  next: Next;
  when(facts: Facts): Found | null;
}

export const nobody = (action = 'Nothing: the service continues on its own.', command?: Next['command']): Next =>
  next('nobody', action, command);
export const customer = (action: string, command?: Next['command']): Next => next('customer', action, command);
export const operator = (action: string, command?: Next['command']): Next => next('operator', action, command);
export const calendly = (action: string, command?: Next['command']): Next => next('calendly', action, command);

function next(who: Next['who'], action: string, command: Next['command']): Next {
  return { who, action, ...(command === undefined ? {} : { command }) };
}

/** Holds in a state with this path, since the tenant came there. */
export const at =
  (place: string) =>
  (facts: Facts): Found | null =>
    facts.place === place ? { since: facts.since } : null;

/** Holds while the connection is in an error with one of these problems; if none is given, with any problem. */
export const stuck =
  (state: string, ...codes: string[]) =>
  (facts: Facts): Found | null => {
    const { context } = facts;
    if (context === null || placeBehind(facts) !== state) return null;
    const { problem } = context;
    if (codes.length > 0 && !codes.includes(problem?.code ?? '')) return null;
    return {
      since: facts.unwellSince ?? facts.since,
      words: { answer: answerOf(facts), scopes: context.missingScopes.join(', ') || 'a permission' },
      evidence: evidenceOfProblem(facts),
    };
  };

/** What is stored about the problem, and its exchange. */
export function evidenceOfProblem({ context, answer }: Facts): Evidence[] {
  const problem = context?.problem ?? null;
  if (problem === null) return [];
  const evidence: Evidence[] = [{ kind: 'problem', at: problem.at, ref: problem.code, says: problem.message }];
  if (answer !== null && problem.exchangeId !== null)
    evidence.push({
      kind: 'exchange',
      at: problem.at,
      ref: problem.exchangeId,
      says: `${answer.path}: ${answer.status ?? answer.failure ?? 'no answer'}`,
    });
  return evidence;
}

const PHRASES: Record<string, string> = {
  calendly_timeout: 'does not answer in time',
  deadline_passed: 'does not answer in time',
  calendly_connection_cut: 'breaks the connection before its answer',
  calendly_unreachable: 'cannot be reached',
  rate_limited: 'asks for fewer requests (429)',
  forbidden_by_proxy: 'is blocked by a proxy in front of it (403)',
  unexpected_redirect: 'answers with a redirect',
  unreadable_answer: 'does not answer in its own format',
};

/** What Calendly does, in words that follow "Calendly". */
export function answerOf({ context, answer }: Facts): string {
  const code = context?.problem?.code ?? '';
  return PHRASES[code] ?? (answer?.status ? `answers ${answer.status}` : 'fails');
}

const UNANSWERED: Record<string, string> = {
  timeout: 'Calendly does not answer in time',
  cut: 'the connection to Calendly breaks before its answer',
  notSent: 'Calendly cannot be reached',
};

/** What became of a call, as a part of a sentence. */
export function outcomeOf(call: FailedCall | null): string {
  if (call === null) return 'the reason is not stored';
  return call.status === null
    ? (UNANSWERED[call.failure ?? ''] ?? 'no answer comes from Calendly')
    : `Calendly answers ${call.status}`;
}

export const evidenceOfCall = (call: FailedCall | null): Evidence[] =>
  call === null
    ? []
    : [
        {
          kind: 'exchange',
          at: call.at,
          ref: call.exchangeId,
          says: `${call.path}: ${call.status ?? call.failure ?? 'no answer'}`,
        },
      ];
