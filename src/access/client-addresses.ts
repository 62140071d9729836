import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Network } from '../config/parse-proxies.ts';

/** No real chain of proxies is as long. The rest is made up by the client. */
const MOST_PROXIES = 10;

/** What is needed of a request. `ip` is Fastify's own answer. */
interface Connected {
  ip: string;
  raw: IncomingMessage;
}

export interface ClientAddresses {
  /** The address of whoever made the request. A trusted proxy says it in `X-Forwarded-For`; nobody else is believed. */
  of(request: Connected): string;
  /** True if the connection itself comes from a trusted proxy. */
  isFromProxy(request: Connected): boolean;
}

export function readClientAddresses(proxies: readonly Network[]): ClientAddresses {
  const trusted = new BlockList();
  for (const { address, prefix, family } of proxies) trusted.addSubnet(address, prefix, family);
  const isTrusted = (address: string): boolean => {
    const version = isIP(address);
    // Without the name of an interface (fe80::1%eth0), which the list cannot read.
    return version !== 0 && trusted.check(address.replace(/%.*$/, ''), version === 6 ? 'ipv6' : 'ipv4');
  };
  const isFromProxy = ({ raw }: Connected): boolean => isTrusted(raw.socket.remoteAddress ?? '');

  return {
    isFromProxy,
    of(request) {
      if (!isFromProxy(request)) return request.ip;
      const said = [request.raw.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
      let address = request.raw.socket.remoteAddress ?? request.ip;
      // Each proxy adds at the end whom it was asked by. The first one from the end that is no proxy is the client.
      for (const entry of said.slice(-MOST_PROXIES).reverse()) {
        if (isIP(entry.trim()) === 0) break;
        address = entry.trim();
        if (!isTrusted(address)) break;
      }
      return address;
    },
  };
}
