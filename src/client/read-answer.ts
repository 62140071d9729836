import type { Problem } from './api.ts';
import { ReconnectError } from './reconnect-error.ts';

/** Far above the largest page: a hundred exchanges with Calendly. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_RETRY_AFTER_SECONDS = 24 * 3600;

/** The JSON of a good answer; throws a ReconnectError for any other. */
export async function readAnswer(response: Response): Promise<unknown> {
  const { status } = response;
  const value = parse(await readText(response));
  if (response.ok) {
    if (value === undefined) throw unreadable(status);
    return value;
  }
  if (!isProblem(value)) throw unreadable(status);
  throw new ReconnectError(value.code, value.detail ?? value.title, {
    status,
    problem: value,
    retryAfterSeconds: retryAfter(response.headers.get('retry-after')),
  });
}

const unreadable = (status: number): ReconnectError =>
  new ReconnectError('answer_unreadable', `An answer ${status} that is not the service's`, { status });

async function readText(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  // Leaving the loop ends the answer.
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) throw unreadable(response.status);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Problem>).code === 'string';

/** Seconds or a date (RFC 9110). */
function retryAfter(header: string | null): number | null {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? null : Math.min(MOST_RETRY_AFTER_SECONDS, Math.max(0, seconds));
}
