import { connect } from 'node:net';

export interface LineRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  /** ASCII; empty: none. */
  body: string;
}

/** One connection that is kept, with one request at a time. */
export interface Line {
  /** Resolves with the status when the whole answer is there. Rejects if the connection is cut. */
  send(request: LineRequest): Promise<number>;
  close(): void;
}

/**
 * As little as HTTP/1.1 needs. Node's own client takes more time for a request than the service does for an answer; on a machine with few cores
 * it would be most of what is measured.
 */
export function openLine(to: string): Line {
  const { hostname, port } = new URL(to);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let received = '';
  let waiting = Promise.withResolvers<number>();
  const isWhole = (): boolean => {
    const head = received.indexOf('\r\n\r\n');
    const length = /\r\ncontent-length: (\d+)/i.exec(received)?.[1];
    return head >= 0 && received.length >= head + 4 + Number(length ?? 0);
  };
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1');
    if (!isWhole()) return;
    const status = Number(received.slice(9, 12));
    received = '';
    waiting.resolve(status);
  });
  const fail = (error?: Error) => waiting.reject(error ?? new Error('The connection was closed.'));
  socket.on('error', fail);
  socket.on('close', () => fail());
  waiting.promise.catch(() => {});
  return {
    send({ method, url, headers, body }) {
      if (socket.destroyed) return Promise.reject(new Error('The connection was closed.'));
      waiting = Promise.withResolvers();
      const { pathname, search } = new URL(url);
      const lines = Object.entries({ host: `${hostname}:${port}`, ...headers }).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      const length = body === '' ? '' : `content-length: ${body.length}\r\n`;
      socket.write(`${method} ${pathname}${search} HTTP/1.1\r\n${lines.join('')}${length}\r\n${body}`);
      return waiting.promise;
    },
    close: () => socket.destroy(),
  };
}
