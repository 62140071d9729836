import type { FastifyRequest } from 'fastify';

/**
 * True for a form of one of our own pages. Every browser sends the origin with a POST to another site. The allowed names are fixed, so a
 * foreign name that leads to this machine (DNS rebinding) is refused, too.
 */
export function isSameOrigin({ headers }: Pick<FastifyRequest, 'headers'>, publicUrl: string, port: number): boolean {
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].map((host) => `http://${host}:${port}`);
  return [new URL(publicUrl).origin, ...loopback].includes(headers.origin ?? '');
}
