import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import type { Config } from '../../config/load-config.ts';
import { isLoopback } from '../../config/parsers.ts';
import { broken, reasonOf, unknown, warning, well, type Finding } from './finding.ts';

const TIMEOUT_MS = 10_000;
const ABOUT = 'PUBLIC_URL';

/** Addresses that cannot be reached from outside this network. */
const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
] as const)
  PRIVATE.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['fc00::', 7],
  ['fe80::', 10],
  ['::1', 128],
] as const)
  PRIVATE.addSubnet(network, bits, 'ipv6');

/** Checks what can be seen from this machine. Calendly may see something else from outside, and the finding says so. */
export async function checkPublicUrl({ mode, publicUrl }: Config): Promise<Finding> {
  const { hostname } = new URL(publicUrl);
  if (mode === 'sandbox') return well(ABOUT, `${publicUrl}, which the sandbox can reach.`);
  if (isLoopback(hostname))
    return warning(
      ABOUT,
      `Only this machine can reach ${publicUrl}, so Calendly cannot deliver.`,
      'Use a tunnel or a public address.',
    );
  const bare = hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(bare)
    ? [bare]
    : await lookup(bare, { all: true }).then(
        (found) => found.map(({ address }) => address),
        () => [],
      );
  if (addresses.length === 0)
    return broken(ABOUT, `${hostname} has no address in the DNS.`, 'Create the DNS record, or correct PUBLIC_URL.');
  const inside = addresses.every((address) => PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'));
  const answer = await askLive(publicUrl);
  if (answer === 'live' && !inside)
    return well(ABOUT, `${publicUrl} leads to a running service, as seen from this machine.`);
  if (answer === 'live' || inside)
    return warning(
      ABOUT,
      `${hostname} leads to ${addresses.join(', ')}${inside ? ', which only this network can reach' : ''}.`,
      'Make sure that the public DNS has a public address for it: Calendly calls from the internet.',
    );
  return unknown(
    ABOUT,
    `${publicUrl}/health/live does not answer like this service (${answer}). This is right if the service is not running.`,
  );
}

async function askLive(publicUrl: string): Promise<string> {
  try {
    const response = await fetch(`${publicUrl}/health/live`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = (await response.text()).slice(0, 1_000);
    return response.ok && text.includes('"live"') ? 'live' : `status ${response.status}`;
  } catch (error) {
    return reasonOf(error);
  }
}
