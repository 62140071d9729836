import { isIP } from 'node:net';
import { ProblemError } from '../errors.ts';
import type { App } from '../web/app-type.ts';

/**
 * The sandbox comes with a page that has no login. Another site could make its own name lead to this machine (DNS rebinding) and would then
 * share an origin with that page. So only requests to our own names, or to an IP address, are answered.
 */
export function refuseForeignHosts(app: App, publicUrl: string): void {
  const ours = new URL(publicUrl).hostname;
  app.addHook('onRequest', async ({ headers }) => {
    const name = URL.parse(`http://${headers.host ?? ''}`)?.hostname ?? '';
    if (isOurs(name, ours)) return;
    throw new ProblemError('host_refused', `The address of this service is ${publicUrl}.`);
  });
}

const isOurs = (name: string, ours: string): boolean =>
  name === ours || name === 'localhost' || name.endsWith('.localhost') || isIP(name.replace(/^\[|\]$/g, '')) !== 0;
