import { SnapshotVersionError } from '../../machines/connection/index.ts';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SealedBoxError } from '../grants/sealed-box.ts';
import { isDatabaseFailure } from '../db/database-failure.ts';
import { QueueFullError } from '../db/share-commit.ts';
import { ProblemError, problemDocument, problems } from '../errors.ts';
import { answerPerson, isForPerson } from './answer-person.ts';

/** Sends every error as a problem document (RFC 9457), or as a page to a browser; an unexpected error without its text. */
export function handleProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => answer(error, request, reply));
}

export function answerNotFound(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) =>
    answer(new ProblemError('not_found', `There is no route for ${request.method} at this address.`), request, reply),
  );
}

export function answer(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error);
  const { status } = problems[problem.code];
  if (status >= 500) request.log.error({ err: error, code: problem.code }, 'a request failed');
  if (isForPerson(request)) return answerPerson(problem, request, reply);
  return reply
    .code(status)
    .headers(problem.headers)
    .type('application/problem+json')
    .send(JSON.stringify(problemDocument(problem)));
}

export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof SnapshotVersionError)
    return new ProblemError('newer_release', undefined, { headers: { 'retry-after': '10' } });
  if (isDatabaseFailure(error))
    return new ProblemError('database_unavailable', undefined, { headers: { 'retry-after': '1' } });
  if (error instanceof QueueFullError)
    return new ProblemError('deliveries_waiting', undefined, { headers: { 'retry-after': '1' } });
  if (error instanceof SealedBoxError)
    return new ProblemError('credential_unreadable', undefined, { headers: { 'retry-after': '60' } });
  const { statusCode, validation, code, message } = error as Partial<FastifyError>;
  if (validation) return new ProblemError('request_invalid', message);
  if (statusCode === 413) return new ProblemError('body_too_large');
  if (statusCode === 415) return new ProblemError('media_type_unsupported');
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return new ProblemError('request_invalid', 'An id in the path is too long.');
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ProblemError('request_invalid', message);
  return new ProblemError('internal_error');
}
