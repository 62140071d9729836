import type { FastifyInstance } from 'fastify';
import { HttpError } from './http-error.ts';

/** Accepts an empty body with a JSON content type, as Rails does. Many clients send that with DELETE. */
export function acceptJson(server: FastifyInstance): void {
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(String(body)));
    } catch (error) {
      done(Object.assign(error as Error, { statusCode: 400 }));
    }
  });
}

/** Some clients post multipart forms to the token endpoint. Only text fields can occur there. */
export function acceptMultipart(server: FastifyInstance): void {
  server.addContentTypeParser('multipart/form-data', { parseAs: 'string' }, (request, body, done) => {
    const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(request.headers['content-type'] ?? '');
    if (!boundary) {
      done(new HttpError(400, { error: 'invalid_request', error_description: 'The multipart boundary is missing.' }));
      return;
    }
    done(null, textFields(String(body), boundary[1] ?? boundary[2]!));
  });
}

function textFields(body: string, boundary: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const part of body.split(`--${boundary}`).slice(1, -1)) {
    const end = part.indexOf('\r\n\r\n');
    const name = /name="([^"]*)"/i.exec(part.slice(0, end))?.[1];
    if (end >= 0 && name) fields[name] = part.slice(end + 4).replace(/\r\n$/, '');
  }
  return fields;
}
