import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { isIP, Socket } from 'node:net';

/** Tests reach this machine only: a test that needs a foreign host fails on every machine alike, and leaks nothing. */
export class ClosedNetworkError extends Error {
  constructor(target: string) {
    super(`Tests have no network: ${target} is not on this machine. Use the sandbox or a server on 127.0.0.1.`);
    this.name = 'ClosedNetworkError';
  }
}

export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  if (isIP(name) === 4) return name.startsWith('127.');
  if (isIP(name) === 6) return name === '::1' || name.startsWith('::ffff:127.');
  return name === 'localhost' || name.endsWith('.localhost');
}

function refuseForeign(host: unknown): void {
  if (typeof host === 'string' && host !== '' && !isLoopback(host)) throw new ClosedNetworkError(host);
}

type AnyFunction = (this: unknown, ...args: any[]) => unknown;

function guard(owner: object, method: string, hostOf: (args: any[]) => unknown): void {
  const methods = owner as Record<string, AnyFunction>;
  const original = methods[method];
  if (!original) return;
  methods[method] = function (...args) {
    try {
      refuseForeign(hostOf(args));
    } catch (error) {
      if (this instanceof Socket) this.destroy(); // or what tls.connect() has made already stays open
      throw error;
    }
    return original.apply(this, args);
  };
}

/** Every TCP and TLS connection, http's and fetch's too, comes through here. Arguments are (options), (port, host) or node's normalised array. */
guard(Socket.prototype, 'connect', ([first, second]) => {
  const target = Array.isArray(first) ? first[0] : first;
  if (typeof target === 'object' && target !== null) return target.path ? undefined : target.host;
  return typeof second === 'string' ? second : undefined;
});
guard(dgram.Socket.prototype, 'connect', ([, host]) => host);
guard(dgram.Socket.prototype, 'send', (args) => args.slice(1).find((argument) => typeof argument === 'string'));
for (const method of [
  'lookup',
  'resolve',
  'resolve4',
  'resolve6',
  'resolveAny',
  'resolveCname',
  'resolveMx',
  'resolveNs',
  'resolveSrv',
  'resolveTxt',
  'reverse',
]) {
  for (const owner of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype])
    guard(owner, method, ([host]) => host);
}
syncBuiltinESMExports(); // `import { lookup } from 'node:dns'` sees it as well
