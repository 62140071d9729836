import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Received {
  headers: IncomingHttpHeaders;
  raw: string;
  // Asserted on field by field, as a host reads it.
  event: any;
  /** 0: it hangs, or did. */
  status: number;
  /** How many requests the service had given up by then. */
  givenUpBefore: number;
}

/** The host product's endpoint: a real server that takes, refuses, redirects or hangs as the test says. */
export async function startReceiver() {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const received: Received[] = [];
  let answer: (event: any) => number | 'hang' = () => 204;
  const hanging = new Set<(status?: number) => void>();
  let givenUp = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8');
      const event = JSON.parse(raw);
      const status = answer(event);
      received.push({
        headers: request.headers,
        raw,
        event,
        status: status === 'hang' ? 0 : status,
        givenUpBefore: givenUp,
      });
      const finish = (late = 204) =>
        response
          .writeHead(
            status === 'hang' ? late : status,
            status === 302 ? { location: 'http://127.0.0.1:1/elsewhere' } : {},
          )
          .end();
      if (status !== 'hang') {
        finish();
        return;
      }
      hanging.add(finish);
      response.on('close', () => {
        if (hanging.delete(finish)) givenUp++;
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events?from=calendly`;
  return {
    url,
    secret,
    received,
    env: { EVENTS_URL: url, EVENTS_SECRET: secret },
    /** The status to answer with, by the event. */
    answerWith: (choose: typeof answer) => {
      answer = choose;
    },
    /** Events that were taken, in their order. */
    taken: (filter: (event: any) => boolean = () => true) =>
      received
        .filter(({ status }) => status >= 200 && status < 300)
        .map(({ event }) => event)
        .filter(filter),
    /** Answers what hangs. */
    letGo: (status = 204) => {
      const finishing = [...hanging];
      hanging.clear();
      for (const finish of finishing) finish(status);
    },
    /** How many requests hang now, and how many the service has given up. */
    hanging: () => hanging.size,
    givenUp: () => givenUp,
    /** As a host verifies: the library throws for anything that is not right. */
    verify: ({ raw, headers }: Received, withSecret = secret) =>
      new Webhook(withSecret).verify(raw, headers as Record<string, string>),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
export type Receiver = Awaited<ReturnType<typeof startReceiver>>;
