import ky from 'ky';
import { Webhook } from 'standardwebhooks';
import { currentTraceparent } from '../tracing/traceparent.ts';

/** Standard Webhooks recommends 15 to 30 s; a host that needs longer should answer first and work after. */
const TIMEOUT_MS = 15_000;

export interface SendFailure {
  code: 'refused' | 'redirected' | 'timeout' | 'unreachable';
  /** The host's answer; null: no answer came. */
  status: number | null;
  retryAfterSeconds: number;
}

/** One attempt, without redirects: events go to the configured address and nowhere else. */
const http = ky.create({ retry: 0, throwHttpErrors: false, redirect: 'manual', timeout: false });

/** Posts one event, signed with every secret. Returns null if the host accepted it (any 2xx). Never throws because of the host or the network. */
export async function sendEvent(
  { url, secrets }: { url: string; secrets: readonly string[] },
  { id, body }: { id: string; body: string },
  at: Date,
): Promise<SendFailure | null> {
  const traceparent = currentTraceparent();
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'calendly-reconnect',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
    ...(traceparent === null ? {} : { traceparent }),
  };
  try {
    const response = await http.post(url, { body, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    // The answer's text is not needed, and it may be endless.
    await response.body?.cancel();
    if (response.ok) return null;
    const code = response.status >= 300 && response.status < 400 ? 'redirected' : 'refused';
    return { code, status: response.status, retryAfterSeconds: retryAfter(response.headers.get('retry-after')) };
  } catch (error) {
    return { code: isTimeout(error) ? 'timeout' : 'unreachable', status: null, retryAfterSeconds: 0 };
  }
}

function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'TimeoutError' || error.name === 'AbortError' || isTimeout(error.cause);
}

/** In seconds. A date is ignored, because it would only be right with the host's clock. */
function retryAfter(header: string | null): number {
  return header !== null && /^\d{1,7}$/.test(header.trim()) ? Number(header) : 0;
}
