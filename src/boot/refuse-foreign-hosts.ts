import { isIP } from 'node:net';
import { ProblemError } from '../errors.ts';
import type { App } from '../web/app-type.ts';

/**
 * Beside the sandbox there is a page without a login. A site whose name is made to lead to this machine (DNS rebinding) would be of one
 * origin with it; so only names that are ours are answered. An address is no name, and cannot be made to lead anywhere.
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
