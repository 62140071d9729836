import type { Meeting } from '../../meetings/meeting.ts';
import type { Host } from '../host.ts';

export type Who = 'first' | 'second';

/** A count of something at Calendly, and how it could be known. */
export interface Counted {
  count: number;
  how: string;
}

/** Everything around the service: Calendly, its accounts, and the people who click. They are real, or the sandbox plays them. */
export interface Surroundings {
  title: string;
  host: Host;
  /** How long the service may take for each thing. */
  patienceSeconds: number;
  /** Lets a person consent as this account. Resolves when the browser is back, with the time of the consent (`performance.now()`). */
  giveConsent(authorizeUrl: string, who: Who): Promise<number>;
  /** Lets an invitee book with this account. Resolves when the meeting is visible, with the seconds that it took. */
  book(who: Who): Promise<{ meeting: Meeting; seconds: number }>;
  /** The tenant's webhooks at Calendly, in this account. */
  webhooks(who: Who): Promise<Counted>;
  /** The tenant's tokens that Calendly still accepts, in this account. */
  liveTokens(who: Who): Promise<Counted>;
  /** Tokens in the service's own tables. */
  storedTokens(): Promise<Counted>;
  /** Leaves nothing behind at Calendly, and stops what was started. */
  close(): Promise<void>;
}
