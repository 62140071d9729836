import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { HttpError } from './http-error.ts';

/**
 * The sandbox has no login, so a website must not use it from a developer's browser. A site whose name is made to lead to this machine (DNS
 * rebinding) is known by that name: ours is an address, `localhost`, a name without a dot, or the public URL's. A form of another site is known
 * by what browsers say of it. `own`: paths that Calendly does not have.
 */
export function refuseForeignSites(server: FastifyInstance, publicUrl: () => string, own: (path: string) => boolean) {
  server.addHook('onRequest', async ({ headers, method, url }) => {
    const name = URL.parse(`http://${headers.host ?? ''}`)?.hostname ?? '';
    if (!isOurs(name) && name !== URL.parse(publicUrl())?.hostname)
      throw new HttpError(421, {
        error: 'The sandbox does not answer under this name. If it is yours, set SANDBOX_PUBLIC_URL.',
      });
    const isForm = method !== 'GET' && headers['sec-fetch-site'] === 'cross-site';
    if (isForm && own(url.split('?')[0]!))
      throw new HttpError(403, { error: 'The sandbox takes no form of another site.' });
  });
}

const isOurs = (name: string): boolean =>
  !name.includes('.') || name.endsWith('.localhost') || isIP(name.replace(/^\[|\]$/g, '')) !== 0;
