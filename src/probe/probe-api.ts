import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { RecordExchange } from '../calendly/exchange.ts';
import { send } from '../calendly/transport.ts';
import type { Person, ProbeSettings } from './surroundings.ts';
import type { RecordedAnswer } from './probe-record.ts';
import type { Receiver } from './receiver.ts';
import { shapeOf } from './shape.ts';
import { waitFor } from './wait-for.ts';
import { at } from './at.ts';

export interface Answer {
  /** Null: no answer came. */
  status: number | null;
  headers: Headers;
  body: unknown;
}

export interface Pair {
  access: string;
  refresh: string;
  scope: string;
  expiresIn: number;
  owner: string;
  organization: string;
  issuedAt: number;
}

export interface ApiRequest {
  method?: 'GET' | 'POST' | 'DELETE';
  query?: Record<string, string>;
  body?: Record<string, unknown>;
  pair?: Pair;
  userAgent?: string;
}

/** Requests to Calendly, one at a time, each answer recorded under the name of its step. */
export interface ProbeApi {
  /** Sends a request with the account's tokens. If they have ended, they are refreshed, or consent is asked for again. */
  call(step: string, path: string, request?: ApiRequest): Promise<Answer>;
  /** `secret: false`: as an application without a secret. */
  refresh(step: string, pair: Pair, options?: { secret: boolean }): Promise<{ answer: Answer; pair: Pair | null }>;
  /** Null: no consent came, or no tokens for it. */
  consent(step: string, why: string, options?: { scopes?: string; challenge?: boolean }): Promise<Pair | null>;
  /** The account's tokens. */
  account(): Promise<Pair>;
  isConsented(): boolean;
  /** Lets the current request end, and refuses every other one except those that clean up. */
  close(): Promise<void>;
  /** Revokes every pair that was issued. */
  revokeAll(step: string): Promise<void>;
  /** The time at which each pair was issued. */
  issuedAt(): readonly number[];
  /** What was recorded since the last call. */
  takeAnswers(): RecordedAnswer[];
}

/** The step of all requests that delete what was made. */
export const CLEAN_UP = 'clean up';
const SCOPES =
  'users:read organizations:read scheduled_events:read scheduled_events:write webhooks:read webhooks:write';
const TIMEOUT_MS = 30_000;
const LONGEST_PAUSE_SECONDS = 120;
const KEPT_HEADERS = /^(content-type|www-authenticate|retry-after|x-ratelimit-(limit|remaining|reset|tier)|server)$/;
const TRACE = { tenantId: 'probe', effectId: null, effect: 'probe', attempt: 1 };
const nobody: RecordExchange = async () => {};

export function createProbeApi(settings: ProbeSettings, receiver: Receiver, person: Person): ProbeApi {
  const { authBaseUrl, apiBaseUrl, clientId, clientSecret, publicUrl, waits } = settings;
  const redirectUri = `${publicUrl}/oauth/callback`;
  const answers = new Map<string, RecordedAnswer>();
  const living = new Set<Pair>();
  const issued: number[] = [];
  let current: Pair | null = null;
  let inHand: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  async function ask(
    step: string,
    url: string,
    init: Omit<Parameters<typeof send>[2], 'url' | 'secrets' | 'timeoutMs'>,
  ): Promise<Answer> {
    if (isClosed && step !== CLEAN_UP) throw new Error('The probe is over.');
    const sending = send(nobody, TRACE, { ...init, url, secrets: [], timeoutMs: TIMEOUT_MS });
    inHand = sending;
    const outcome = await sending;
    const answer: Answer =
      outcome.kind === 'answered'
        ? { status: outcome.status, headers: outcome.headers, body: outcome.body }
        : { status: null, headers: new Headers(), body: null };
    if (!answers.has(step)) answers.set(step, recorded(step, answer));
    return answer;
  }

  async function tokens(
    step: string,
    form: Record<string, string>,
    secret = true,
  ): Promise<{ answer: Answer; pair: Pair | null }> {
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    const answer = await ask(step, `${authBaseUrl}/oauth/token`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        ...(secret && { authorization: `Basic ${basic}` }),
      },
      body: new URLSearchParams({ ...form, ...(!secret && { client_id: clientId }) }).toString(),
    });
    const access = at(answer.body, 'access_token');
    if (answer.status !== 200 || typeof access !== 'string') return { answer, pair: null };
    const { body } = answer;
    const pair: Pair = {
      access,
      refresh: String(at(body, 'refresh_token')),
      scope: String(at(body, 'scope')),
      expiresIn: Number(at(body, 'expires_in')),
      owner: String(at(body, 'owner')),
      organization: String(at(body, 'organization')),
      issuedAt: Date.now(),
    };
    living.add(pair);
    issued.push(pair.issuedAt);
    return { answer, pair };
  }

  const refresh: ProbeApi['refresh'] = async (step, pair, { secret } = { secret: true }) => {
    const result = await tokens(step, { grant_type: 'refresh_token', refresh_token: pair.refresh }, secret);
    if (result.pair !== null && current === pair) current = result.pair;
    return result;
  };

  const consent: ProbeApi['consent'] = async (step, why, { scopes = SCOPES, challenge = true } = {}) => {
    const state = randomBytes(16).toString('hex');
    const verifier = randomBytes(32).toString('base64url');
    const url = new URL(`${authBaseUrl}/oauth/authorize`);
    url.search = new URLSearchParams({
      client_id: clientId,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: scopes,
      state,
      ...(challenge && {
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      }),
    }).toString();
    let isImpossible = false;
    void person.consents(url.href, why).then((how) => (isImpossible = how === 'impossible'));
    const back = await waitFor(
      waits.personSeconds,
      () => receiver.callbacks.get(state) ?? (isImpossible ? null : undefined),
    );
    const code = back?.get('code');
    if (!code) return null;
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
    return (await tokens(step, { ...form, ...(challenge && { code_verifier: verifier }) })).pair;
  };

  async function account(): Promise<Pair> {
    current ??= await consent('consent', 'the probe works with this account. Take one that you can throw away');
    if (current === null) throw new Error('Without a consent there is nothing to ask with.');
    return current;
  }

  const call: ProbeApi['call'] = async (step, path, { method = 'GET', query, body, pair, userAgent } = {}) => {
    const url = new URL(`${apiBaseUrl}${path}`);
    if (query) url.search = new URLSearchParams(query).toString();
    const once = ({ access }: Pair) =>
      ask(step, url.href, {
        method,
        headers: {
          authorization: `Bearer ${access}`,
          accept: 'application/json',
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        ...(userAgent !== undefined && { userAgent }),
      });
    const used = pair ?? (await account());
    const answer = await once(used);
    if (answer.status !== 401 || pair) return answer;
    answers.delete(step);
    const again = await refresh('refresh of tokens that have ended', used);
    current = again.pair;
    return once(await account());
  };

  return {
    call,
    refresh,
    consent,
    account,
    isConsented: () => current !== null,
    async close() {
      isClosed = true;
      await inHand;
      // So that whoever waited for it can note the result first.
      await pause(0);
    },
    async revokeAll(step) {
      for (const pair of living) {
        for (const token of [pair.refresh, pair.access]) {
          await ask(step, `${authBaseUrl}/oauth/revoke`, {
            method: 'POST',
            headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
            body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, token }).toString(),
          });
        }
        living.delete(pair);
      }
      current = null;
    },
    issuedAt: () => issued,
    takeAnswers() {
      const taken = [...answers.values()];
      answers.clear();
      return taken;
    },
  };
}

function recorded(step: string, { status, headers, body }: Answer): RecordedAnswer {
  return {
    step,
    status,
    headers: Object.fromEntries([...headers].filter(([name]) => KEPT_HEADERS.test(name))),
    said: status !== null && status >= 400 ? redact(typeof body === 'string' ? body : JSON.stringify(body)) : null,
    shape: shapeOf(body),
  };
}

/** The error's own text, without what it says about people. */
function redact(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,}/gi, '<id>')
    .replaceAll(/\b[\w.+-]+@[\w-]+\.[\w.-]+/g, '<email>')
    .slice(0, 500);
}

/** How long to wait before the next request, as a 429 says it. */
export function pauseAfter({ headers }: Answer): number {
  const said = Number(headers.get('retry-after') ?? headers.get('x-ratelimit-reset') ?? 60);
  return Math.min(LONGEST_PAUSE_SECONDS, Number.isFinite(said) ? Math.max(1, said) : 60);
}
