export interface ClientOptions {
  /** Where the service answers, with its prefix where it has one: `https://calendly.example.com`. */
  url: string;
  /** Stays in the back end: with it, every tenant can be asked for. */
  apiKey: string;
  /** Another fetch, for tests or for a framework's own. */
  fetch?: typeof globalThis.fetch;
}

/** Of one call. */
export interface CallOptions {
  /** Ends the call; it is then rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How long the service may wait for Calendly before it answers: 0–60, 10 if not given. 0: not at all. */
  waitSeconds?: number | undefined;
  /** For the whole call, the body of the answer included; 20 s more than the service may wait if not given. */
  timeoutMs?: number | undefined;
}
