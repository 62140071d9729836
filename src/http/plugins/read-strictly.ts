import createCompilers from '@fastify/ajv-compiler';
import type { FastifyInstance } from 'fastify';

/**
 * Reads JSON bodies strictly: `"false"` is not false, and an unknown field is refused instead of ignored. Values in paths and queries are
 * text, so they are converted to the type of their schema. This validator is used everywhere, also inside a host's application.
 */
export function readStrictly(app: FastifyInstance): void {
  const compilers = createCompilers();
  const ofBodies = compilers({}, { customOptions: { coerceTypes: false, removeAdditional: false } });
  const ofText = compilers({}, { customOptions: { coerceTypes: 'array', removeAdditional: false } });
  app.setValidatorCompiler((route) => (route.httpPart === 'body' ? ofBodies : ofText)(route as never));

  // Many clients send a content type without a body.
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, body as string, done);
  });
}
