import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface ReceivedDelivery {
  hook: string;
  at: number;
  userAgent: string;
  signature: string | undefined;
  raw: Buffer;
  body: unknown;
}

/** How a delivery is answered: with a status, or not at all until Calendly gives up. */
export type Manner = { status: number } | { holdMs: number; onGaveUp(heldMs: number): void };

export interface Receiver {
  readonly received: readonly ReceivedDelivery[];
  /** The parameters of a consent's redirect, by its `state`. */
  readonly callbacks: ReadonlyMap<string, URLSearchParams>;
  /** Sets how deliveries to an address are answered; otherwise with 200. Called for each of them. */
  meet(hook: string, manner: (delivery: ReceivedDelivery) => Manner): void;
  close(): Promise<void>;
}

const MOST_BYTES = 1024 * 1024;
const MOST_KEPT = 1_000;
const PAGE = '<!doctype html><title>Probe</title><p>Thank you. Go back to the terminal.';

/** Receives the redirect after a consent, and deliveries to `/probe/<run>/<hook>`. Nobody else can know that address. */
export async function startReceiver(
  run: string,
  { host, port }: { host: string; port: number },
): Promise<Receiver & { port: number }> {
  const received: ReceivedDelivery[] = [];
  const callbacks = new Map<string, URLSearchParams>();
  const manners = new Map<string, (delivery: ReceivedDelivery) => Manner>();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://probe');
    const hook = new RegExp(`/probe/${run}/([a-z]+)$`).exec(pathname)?.[1];
    if (request.method === 'POST' && hook !== undefined) return void take(hook, request, response);
    const state = searchParams.get('state');
    if (
      request.method === 'GET' &&
      pathname.endsWith('/oauth/callback') &&
      state !== null &&
      callbacks.size < MOST_KEPT
    ) {
      callbacks.set(state, searchParams);
      return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE);
    }
    response.writeHead(404).end();
  });

  const take = async (hook: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const raw = await readBody(request);
    if (raw === null || received.length >= MOST_KEPT) return void response.writeHead(413).end();
    const { 'user-agent': userAgent = '', 'calendly-webhook-signature': signature } = request.headers;
    const delivery = {
      hook,
      at: Date.now(),
      userAgent,
      signature: Array.isArray(signature) ? signature.join(',') : signature,
      raw,
      body: parse(raw),
    };
    const manner = manners.get(hook)?.(delivery) ?? { status: 200 };
    received.push(delivery);
    if ('status' in manner) return void response.writeHead(manner.status).end();
    const gaveUp = new AbortController();
    response.once('close', () => gaveUp.abort());
    await pause(manner.holdMs, undefined, { signal: gaveUp.signal }).catch(() => {});
    manner.onGaveUp(Date.now() - delivery.at);
    response.destroy();
  };

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    received,
    callbacks,
    port: (server.address() as { port: number }).port,
    meet: (hook, manner) => void manners.set(hook, manner),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    return null;
  }
}
