import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `json`, `html`: the whole request comes back in an error. `success`: in a 200 that nobody can use. Null: passed on. */
export type Echo = { path: RegExp; method?: string; as: 'json' | 'html' | 'success'; status?: number } | null;

export interface RecordingProxy {
  url: string;
  /** Every secret that went over the wire, either way. */
  secrets: Set<string>;
  /** For the next request that it matches. */
  echo: Echo;
  close(): Promise<void>;
}

const SECRET_FIELDS = /^(access_token|refresh_token|code|code_verifier|client_secret|signing_key|token)$/;

/** Stands between the service and its Calendly, notes every secret that passes, and can throw a whole request back. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const secrets = new Set<string>();
  const note = (fields: Iterable<[string, unknown]>) => {
    for (const [name, value] of fields) if (SECRET_FIELDS.test(name) && typeof value === 'string') secrets.add(value);
  };
  const fieldsOf = (text: string): Iterable<[string, unknown]> =>
    text.startsWith('{') ? Object.entries(JSON.parse(text)) : new URLSearchParams(text);

  const answerOne = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await read(request);
    const authorization = request.headers.authorization;
    if (authorization) secrets.add(authorization.split(' ')[1]!);
    note(fieldsOf(body));
    const { echo } = proxy;
    if (echo?.path.test(request.url!) && (echo.method ?? request.method) === request.method) {
      proxy.echo = null;
      const everything = `${request.method} ${request.url} ${JSON.stringify(request.headers)} ${body} ${decodeURIComponent(body)}`;
      const nested = {
        title: everything,
        message: everything,
        error_description: everything,
        error: 'server_error',
        details: [{ parameter: everything, message: [everything] }],
        [everything]: everything,
      };
      response.writeHead(echo.as === 'success' ? 200 : (echo.status ?? 500), {
        'content-type': echo.as === 'html' ? 'text/html' : 'application/json',
        'x-request-id': authorization ?? 'none',
        location: `/x?token=${encodeURIComponent(authorization ?? body)}`,
      });
      response.end(echo.as === 'html' ? `<pre>${everything}</pre>` : JSON.stringify(nested));
      return;
    }
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method!,
      redirect: 'manual',
      headers: {
        ...(authorization ? { authorization } : {}),
        ...(body ? { 'content-type': request.headers['content-type']! } : {}),
      },
      ...(body ? { body } : {}),
    });
    const text = await answer.text();
    if (request.url!.startsWith('/oauth/token')) note(fieldsOf(text));
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(text);
  };
  const server = createServer((request, response) => void answerOne(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: RecordingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets,
    echo: null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
