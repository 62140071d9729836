import { isIP } from 'node:net';
import { splitList, type Parsed } from './parsers.ts';

/** One address, or all that begin with the same bits. */
export type Network = Readonly<{ address: string; prefix: number; family: 'ipv4' | 'ipv6' }>;

export function parseProxies(text: string): Parsed<readonly Network[]> {
  const networks: Network[] = [];
  for (const [index, item] of splitList(text).entries()) {
    const [, address = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(item) ?? [];
    const version = isIP(address);
    const bits = version === 6 ? 128 : 32;
    const prefix = length === undefined ? bits : Number(length);
    if (version === 0 || prefix > bits)
      return { problem: `must list addresses such as 10.0.0.5 or 10.1.0.0/16 (entry ${index + 1} is none)` };
    if (prefix === 0) return { problem: `must not trust every address (entry ${index + 1} does)` };
    networks.push({ address, prefix, family: version === 6 ? 'ipv6' : 'ipv4' });
  }
  return networks.length === 0 ? { problem: 'must list at least one address' } : { value: networks };
}

/** Headers that every browser sends, or that say something else. */
const TAKEN =
  /^(host|cookie|authorization|origin|referer|user-agent|connection|forwarded|via|x-forwarded-(for|host|port|proto)|(accept|content|sec)(-.*)?)$/;

/** As Node.js names it: in lower case. */
export function parseIdentityHeader(text: string): Parsed<string> {
  const name = text.toLowerCase();
  if (!/^[a-z0-9-]{1,80}$/.test(name)) return { problem: 'must be the name of a header, such as X-Forwarded-Email' };
  if (TAKEN.test(name)) return { problem: 'must be a header that only the proxy sets' };
  return { value: name };
}
