import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { createLogger } from '../../../src/logger/create-logger.ts';

function logTo(level = 'trace') {
  const lines: string[] = [];
  const logger = createLogger({ level }, { write: (line) => void lines.push(line) });
  return { logger, lines, records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('createLogger', () => {
  test('writes structured lines at and above its level', () => {
    const { logger, records } = logTo('info');
    logger.debug('not this');
    logger.info({ tenantId: 'acme', attempts: 2 }, 'connected');
    expect(records()).toMatchObject([
      { level: 'info', service: 'calendly-reconnect', tenantId: 'acme', attempts: 2, msg: 'connected' },
    ]);
    expect(records()[0]!.time).toMatch(/^\d{4}-.*Z$/);
  });

  test('redacts secret keys at any depth, however they are written', () => {
    const { logger, lines } = logTo();
    const secrets = {
      access_token: 'canary',
      refreshToken: 'canary',
      code: 'canary',
      state: 'canary',
      signing_key: 'canary',
      'Set-Cookie': ['canary'],
      client_secret: 'canary',
      cookie: 'canary',
      code_verifier: 'canary',
      password: 'canary',
      Authorization: { deep: 'canary' },
    };
    logger.info(secrets, 'top');
    logger.info({ a: [{ b: { c: { d: { e: secrets } } } }] }, 'deep');
    logger.child(secrets).child({ nested: secrets }).info('bound');
    expect(lines).toHaveLength(3);
    expect(lines.join()).not.toContain('canary');
    expect(lines.join()).toContain('"access_token":"[redacted]"');
  });

  test('cuts queries, credentials and bearer tokens out of any text', () => {
    const { logger, lines, records } = logTo();
    logger.info(
      { url: '/oauth/callback?code=canary', list: ['https://example.com/a?state=canary#canary'] },
      'GET /x?canary=1 failed',
    );
    logger.info(
      'cannot reach postgres://user:canary@db/x with Bearer canary and %s',
      'https://api.example.com/y?canary',
    );
    expect(lines.join()).not.toContain('canary');
    expect(records()[0]).toMatchObject({
      url: '/oauth/callback',
      list: ['https://example.com/a'],
      msg: 'GET /x failed',
    });
    logger.info('is it ready? yes');
    expect(records()[2]!.msg).toBe('is it ready? yes');
  });

  test('keeps of an error what it names, not what libraries hang on it', () => {
    const { logger, lines, records } = logTo();
    const cause = Object.assign(new Error('GET https://api.example.com/a?canary'), {
      code: 'ECONNRESET',
      options: { token: 'canary' },
    });
    const error = Object.assign(new Error('failed', { cause }), { request: { headers: { authorization: 'canary' } } });
    logger.error(error);
    logger.error({ err: error, nested: { error } }, 'again');
    expect(lines.join()).not.toContain('canary');
    expect(records()[1]).toMatchObject({
      err: {
        type: 'Error',
        message: 'failed',
        cause: { code: 'ECONNRESET', message: 'GET https://api.example.com/a' },
      },
      nested: { error: { message: 'failed' } },
    });
  });

  test('survives cycles and leaves out what is not plain data', () => {
    const { logger, records } = logTo();
    const cycle: Record<string, unknown> = { bytes: Buffer.from('canary'), at: new Date(0) };
    cycle.self = cycle;
    logger.info({ cycle });
    expect(records()[0]!.cycle).toMatchObject({ bytes: '[Buffer]', at: '1970-01-01T00:00:00.000Z' });
  });

  test('logs a Fastify request by its path, and its own messages without the query', async () => {
    const { logger, lines, records } = logTo();
    const app = Fastify({ loggerInstance: logger });
    app.get('/oauth/callback', async (request) => {
      request.log.info({ query: request.query, headers: request.headers }, 'called back');
      return 'ok';
    });
    await app.inject({
      url: '/oauth/callback?code=canary&state=canary',
      headers: { authorization: 'Bearer canary', cookie: 'a=canary' },
    });
    await app.inject('/elsewhere?code=canary');
    await app.close();
    expect(lines.join()).not.toContain('canary');
    const requests = records().filter(({ req }) => req !== undefined);
    expect(requests[0]).toMatchObject({ req: { method: 'GET', path: '/oauth/callback' } });
    expect(records().map(({ msg }) => msg)).toContain('Route GET:/elsewhere not found');
  });
});
