export interface ProbeSettings {
  authBaseUrl: string;
  apiBaseUrl: string;
  clientId: string;
  clientSecret: string;
  /** Where Calendly and the person's browser reach the probe; `/oauth/callback` below it is the registered redirect URI. */
  publicUrl: string;
  host: string;
  port: number;
  /** Webhook signing keys of the application, if they are known. */
  applicationKeys: readonly string[];
  waits: {
    /** For the person. */
    personSeconds: number;
    /** For a delivery after a booking, and for a new subscription to be listed. */
    deliverySeconds: number;
    /** How long a delivery is left without an answer, to see when Calendly gives up. */
    holdSeconds: number;
    /** For the end of the retries, and how often to look for it. */
    retriesSeconds: number;
    retriesPollSeconds: number;
  };
}

/** Whoever owns the account: does what only a person can do. */
export interface Person {
  /** May this group run? */
  agrees(group: { name: string; does: string }): Promise<boolean>;
  /** Answers the consent page, which leads back to the probe. `impossible`: the page shows an error instead. */
  consents(url: string, why: string): Promise<'given' | 'impossible'>;
  /** Books a meeting as an invitee, under this very name. */
  books(schedulingUrl: string, name: string): Promise<void>;
  hears(text: string): void;
}
