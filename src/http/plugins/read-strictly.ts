import createCompilers from '@fastify/ajv-compiler';
import type { FastifyInstance } from 'fastify';

/**
 * A JSON body says exactly what it means: `"false"` is not false, and a field that is not known is refused, never passed over.
 * Paths and queries are text and are read as what their schema names. Ours wherever we run, whatever a host's validator does.
 */
export function readStrictly(app: FastifyInstance): void {
  const compilers = createCompilers();
  const ofBodies = compilers({}, { customOptions: { coerceTypes: false, removeAdditional: false } });
  const ofText = compilers({}, { customOptions: { coerceTypes: 'array', removeAdditional: false } });
  app.setValidatorCompiler((route) => (route.httpPart === 'body' ? ofBodies : ofText)(route as never));

  // Many clients name a media type on every request, also where they send nothing: that is no body.
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, body as string, done);
  });
}
