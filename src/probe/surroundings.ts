export interface ProbeSettings {
  authBaseUrl: string;
  apiBaseUrl: string;
  clientId: string;
  clientSecret: string;
  /** The URL at which Calendly and the person's browser reach the probe. `/oauth/callback` below it is the registered redirect URI. */
  publicUrl: string;
  host: string;
  port: number;
  /** Webhook signing keys of the application, if they are known. */
  applicationKeys: readonly string[];
  waits: {
    /** How long to wait for the person. */
    personSeconds: number;
    /** How long to wait for a delivery after a booking, and for a new subscription in a listing. */
    deliverySeconds: number;
    /** How long a delivery gets no answer, to see when Calendly gives up. */
    holdSeconds: number;
    /** How long to wait for the end of the retries, and how often to look. */
    retriesSeconds: number;
    retriesPollSeconds: number;
  };
}

/** The owner of the account, who does what only a person can do. */
export interface Person {
  /** May this group run? */
  agrees(group: { name: string; does: string }): Promise<boolean>;
  /** Answers the consent page, which leads back to the probe. `impossible`: the page shows an error instead. */
  consents(url: string, why: string): Promise<'given' | 'impossible'>;
  /** Books a meeting as an invitee with exactly this name. */
  books(schedulingUrl: string, name: string): Promise<void>;
  hears(text: string): void;
}
