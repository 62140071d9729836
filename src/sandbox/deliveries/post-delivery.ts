import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface DeliveryPost {
  url: string;
  body: string;
  signature: string;
  connectTimeoutMs: number;
  readTimeoutMs: number;
  stopping: AbortSignal;
}

export interface DeliveryAnswer {
  status: number | null;
  error: string | null;
}

/** Sends one POST with the headers that were recorded from Calendly. Redirects are not followed, and the answer's body is ignored. */
export function postDelivery(post: DeliveryPost): Promise<DeliveryAnswer> {
  return new Promise((resolve) => {
    const send = post.url.startsWith('https:') ? httpsRequest : httpRequest;
    const body = Buffer.from(post.body);
    let timer: NodeJS.Timeout;
    const finish = (answer: DeliveryAnswer) => {
      clearTimeout(timer);
      resolve(answer);
    };
    const outgoing = send(post.url, {
      method: 'POST',
      // Each POST has a connection of its own, closed at the end, so that none is open when the sandbox stops.
      agent: false,
      signal: post.stopping,
      headers: {
        'user-agent': 'Calendly',
        accept: '*/*',
        'accept-encoding': 'gzip',
        'content-type': 'application/json',
        'content-length': body.length,
        'calendly-webhook-signature': post.signature,
      },
    });
    const limit = (milliseconds: number, what: string) => {
      clearTimeout(timer);
      timer = setTimeout(() => outgoing.destroy(new Error(`${what} timeout`)), milliseconds);
    };
    limit(post.connectTimeoutMs, 'connect');
    outgoing.on('socket', (socket) => {
      const event = post.url.startsWith('https:') ? 'secureConnect' : 'connect';
      socket.once(event, () => limit(post.readTimeoutMs, 'read'));
    });
    outgoing.on('response', (response: IncomingMessage) => {
      response.on('error', () => undefined);
      response.destroy();
      finish({ status: response.statusCode ?? null, error: null });
    });
    outgoing.on('error', (error) => finish({ status: null, error: error.message || error.name }));
    outgoing.end(body);
  });
}
