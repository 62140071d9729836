/**
 * `well`: meetings arrive · `degraded`: they arrive late or in part · `not_receiving`: they do not arrive · `disconnected`: the tenant is
 * not connected.
 */
export type Verdict = 'well' | 'degraded' | 'not_receiving' | 'disconnected';

/** The buttons of an operator. `resend` sends parked events to the host again. */
export type DiagnosisCommand = 'connect' | 'disconnect' | 'refresh' | 'resync' | 'retry' | 'resend';

export interface Next {
  who: 'nobody' | 'customer' | 'operator' | 'calendly';
  action: string;
  command?: DiagnosisCommand;
}

export interface Evidence {
  /** `problem`, `exchange`, `timer`, `debt`, `delivery`, `host_event`, `backfill`, `refresh`, `history` or `installation`. */
  kind: string;
  at: string | null;
  /** The id to find it with. */
  ref: string | null;
  says: string;
}

export interface Finding {
  code: string;
  verdict: Verdict;
  /** One sentence: why does this tenant not get their meetings? */
  headline: string;
  since: string;
  evidence: Evidence[];
  next: Next;
}

/** The cause that explains the most, and further problems. */
export interface Diagnosis extends Finding {
  /** When this was said: links, tokens and attempts have their own times. */
  at: string;
  also: Finding[];
}
