import type { FastifyRequest } from 'fastify';

/** One request to the OAuth endpoints or the API, as the sandbox saw it. */
export interface Call {
  id: number;
  at: string;
  method: string;
  path: string;
  query: Record<string, string>;
  /** Slug of the account that the token or code belongs to; null if none was recognised. */
  account: string | null;
  /** Null until the answer is sent, and for ever if none was sent. */
  status: number | null;
  grantType: string | null;
  userAgent: string | null;
  /** Fingerprint of the bearer token, or of the refresh token that was presented. */
  tokenFingerprint: string | null;
  durationMs: number | null;
  /** Id of the fault that was applied. */
  fault: string | null;
}

const CALLS_KEPT = 20_000;

export class CallLog {
  #calls: Call[] = [];
  #count = 0;
  readonly #open = new WeakMap<FastifyRequest, Call>();

  /** Begins a call. It is completed while the request is worked on. */
  start(request: FastifyRequest, at: string, path: string): Call {
    const call: Call = {
      id: ++this.#count,
      at,
      method: request.method,
      path,
      // The query of authorize holds states, codes and challenges of a browser, which nobody needs here.
      query: path.startsWith('/oauth/') ? {} : { ...(request.query as Record<string, string>) },
      account: null,
      status: null,
      grantType: null,
      userAgent: request.headers['user-agent'] ?? null,
      tokenFingerprint: null,
      durationMs: null,
      fault: null,
    };
    this.#open.set(request, call);
    this.#calls.push(call);
    if (this.#calls.length > CALLS_KEPT) this.#calls.splice(0, CALLS_KEPT / 10);
    return call;
  }

  /** Adds what became known while the request was worked on. */
  note(request: FastifyRequest, known: Partial<Call>): void {
    const call = this.#open.get(request);
    if (call) Object.assign(call, known);
  }

  list(): Call[] {
    return structuredClone(this.#calls);
  }

  clear(): void {
    this.#calls = [];
  }
}
