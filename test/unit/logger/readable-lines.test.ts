import { expect, test } from 'vitest';
import { createLogger } from '../../../src/logger/create-logger.ts';
import { readableLines } from '../../../src/logger/readable-lines.ts';

function linesOf(log: (logger: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = [];
  log(
    createLogger(
      { level: 'debug' },
      readableLines((text) => void lines.push(text)),
    ),
  );
  return lines;
}

test('a record is one line that a person can read', () => {
  const lines = linesOf((log) => log.warn({ tenantId: 'acme', status: 503 }, 'calendly exchange'));
  expect(lines).toEqual([
    expect.stringMatching(/^\[\d\d:\d\d:\d\d\] WARN: calendly exchange \{"tenantId":"acme","status":503\}\n$/),
  ]);
});

test('requests that went well are no news, those that failed are', () => {
  expect(
    linesOf((log) => {
      log.info({ req: { method: 'GET', url: '/' } }, 'request aborted');
      log.info({ res: { statusCode: 404 } }, 'request completed');
    }),
  ).toEqual([]);
  expect(linesOf((log) => log.info({ res: { statusCode: 503 } }, 'request completed'))).toHaveLength(1);
  expect(linesOf((log) => log.error({ err: new Error('no such table') }, 'a request failed'))[0]).toContain(
    'no such table',
  );
});
