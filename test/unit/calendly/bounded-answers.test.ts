import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Exchange } from '../../../src/calendly/exchange.ts';
import { send } from '../../../src/calendly/transport.ts';
import { redactExchange } from '../../../src/exchanges/redact-exchange.ts';

const DEPTH = 5_000;
let sent = 0;
const answers: Record<string, (response: ServerResponse) => void> = {
  // As long as somebody reads.
  '/endless': (response) => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const more = () => {
      while (!response.destroyed && response.write(chunk)) sent++;
    };
    response.on('drain', more);
    more();
  },
  '/deep': (response) => response.end(`${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`),
};
const server = createServer((request, response) => answers[request.url!]!(response));
let base = '';
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ask = async (path: string) => {
  const recorded: Exchange[] = [];
  const outcome = await send(
    async (exchange) => void recorded.push(exchange),
    { tenantId: 'acme', effectId: null, effect: 'test', attempt: 1 },
    { url: `${base}${path}`, method: 'GET', secrets: [], timeoutMs: 20_000 },
  );
  return { outcome, exchange: recorded[0]! };
};

test('an answer without an end is cut off after 10 MiB, as if the line had broken', async () => {
  const { outcome, exchange } = await ask('/endless');
  expect(outcome).toMatchObject({ kind: 'unanswered', reason: 'cut' });
  expect(exchange).toMatchObject({ failure: 'cut', body: null });
  expect(sent).toBeLessThan(200);
});

test('an answer that is nested without measure is kept as far as any real one goes', async () => {
  const { outcome, exchange } = await ask('/deep');
  expect(outcome).toMatchObject({ kind: 'answered', status: 200 });
  const kept = JSON.stringify(redactExchange(exchange).body);
  expect(kept).toContain('[too deep to keep]');
  expect(kept.length).toBeLessThan(1_000);
});
