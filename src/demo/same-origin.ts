import type { FastifyRequest } from 'fastify';

/**
 * True for a form that one of our own pages sent. Every browser names the origin of a cross-site POST; the names are known in
 * advance, so that a foreign name that was made to lead to this machine does not pass either.
 */
export function isSameOrigin({ headers }: Pick<FastifyRequest, 'headers'>, publicUrl: string, port: number): boolean {
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].map((host) => `http://${host}:${port}`);
  return [new URL(publicUrl).origin, ...loopback].includes(headers.origin ?? '');
}
