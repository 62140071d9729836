import type { FastifyRequest } from 'fastify';

/**
 * True for a form that one of our own pages sent. Every browser sends the origin of a cross-site POST. The allowed names are fixed, so a
 * foreign name that resolves to this machine (DNS rebinding) is refused, too.
 */
export function isSameOrigin({ headers }: Pick<FastifyRequest, 'headers'>, publicUrl: string, port: number): boolean {
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].map((host) => `http://${host}:${port}`);
  return [new URL(publicUrl).origin, ...loopback].includes(headers.origin ?? '');
}
