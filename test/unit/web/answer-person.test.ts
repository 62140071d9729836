import fastify from 'fastify';
import { expect, test } from 'vitest';
import { ProblemError } from '../../../src/errors.ts';
import { handleProblems } from '../../../src/web/problems.ts';

test('a browser whose request failed on our side is asked to try again, without the words of the error', async () => {
  const app = fastify();
  handleProblems(app);
  app.get('/fails', () => {
    throw new Error('words of a bug');
  });
  app.post('/busy', () => {
    throw new ProblemError('tenant_busy', undefined, { headers: { 'retry-after': '1' } });
  });
  const headers = { accept: 'text/html' };
  const failed = await app.inject({ url: '/fails', headers });
  expect([failed.statusCode, failed.headers['content-type']]).toEqual([500, 'text/html; charset=utf-8']);
  expect(failed.body).toContain('<a href="">try again</a>');
  expect(failed.body).not.toContain('words of a bug');
  const busy = await app.inject({ method: 'POST', url: '/busy', headers });
  expect([busy.statusCode, busy.headers['retry-after']]).toEqual([503, '1']);
  expect(busy.body).toContain('press the button again');
  expect((await app.inject('/fails')).headers['content-type']).toContain('application/problem+json');
});
