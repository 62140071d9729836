import { createServer } from 'node:http';

/** Serves route handlers as Next.js does: the address is the folder below `app`. Copied beside it, and started there. */
const url = `http://127.0.0.1:${process.env['PORT']}`;
createServer((incoming, outgoing) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const request = new Request(new URL(incoming.url ?? '/', url), {
      method: incoming.method ?? 'GET',
      headers: incoming.headers as Record<string, string>,
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    });
    answer(request).then(
      async (response) => outgoing.writeHead(response.status, [...response.headers].flat()).end(await response.text()),
      (error: unknown) => outgoing.writeHead(500).end(String(error)),
    );
  });
}).listen(Number(process.env['PORT']), '127.0.0.1');

async function answer(request: Request): Promise<Response> {
  const route = (await import(`./app${new URL(request.url).pathname}/route.ts`)) as Record<
    string,
    ((request: Request) => Promise<Response>) | undefined
  >;
  return (await route[request.method]?.(request)) ?? new Response(null, { status: 405 });
}
