import type { FastifyInstance } from 'fastify';
import { problems } from '../errors.ts';
import { toProblem } from '../web/problems.ts';
import { errorPage } from './pages/error-page.ts';
import { baseOf } from './pages/page-context.ts';
import { sendBarePage } from './pages/send-inspector-page.ts';

/** Shows errors to people as a page, with the text of the problem and never the text of a bug. */
export function handleErrors(scope: FastifyInstance): void {
  scope.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error);
    const { status, title } = problems[problem.code];
    if (status >= 500) request.log.error({ err: error, code: problem.code }, 'a page of the inspector failed');
    const base = baseOf(request);
    return sendBarePage(reply.headers(problem.headers), {
      base,
      status,
      title,
      body: errorPage({ base, title, detail: problem.detail }),
    });
  });
}
