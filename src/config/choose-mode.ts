import type { ConfigurationFault } from './configuration-error.ts';
import { isLoopback } from './parsers.ts';
import { isGiven, type Environment } from './read-secret-files.ts';
import { SECRET_NAMES, type Settings } from './settings.ts';

export type Mode = 'sandbox' | 'calendly';

/**
 * Chooses the real Calendly or the sandbox. MODE says it. If MODE is not set, a client id or secret means the real Calendly. The sandbox is
 * chosen only if nothing else is configured, because it comes with a page without a login: a secret that was lost on the way must not lead
 * there.
 */
export function chooseMode(env: Environment, { MODE }: Settings): { mode: Mode; faults: ConfigurationFault[] } {
  const client = ['CALENDLY_CLIENT_ID', 'CALENDLY_CLIENT_SECRET'].filter((name) => isNamed(env, name));
  if (MODE === 'calendly') return { mode: MODE, faults: [] };
  if (MODE === 'sandbox') {
    const faults = client.map((variable) => ({
      variable,
      problem: 'is set, but MODE=sandbox has its own client: remove it, or set MODE=calendly',
    }));
    return { mode: MODE, faults };
  }
  if (client.length > 0) return { mode: 'calendly', faults: [] };
  const others = signsOfMore(env);
  if (others.length === 0) return { mode: 'sandbox', faults: [] };
  const problem =
    `is unset, and ${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} set without CALENDLY_CLIENT_ID and ` +
    'CALENDLY_CLIENT_SECRET: set both for the real Calendly, or set MODE=sandbox';
  return { mode: 'sandbox', faults: [{ variable: 'MODE', problem }] };
}

/** True if the setting is given, also as a file that perhaps cannot be read. */
export const isNamed = (env: Environment, name: string): boolean => isGiven(env, name) || isGiven(env, `${name}_FILE`);

/** Settings that a first try does not need: secrets, and addresses that others can reach. */
function signsOfMore(env: Environment): string[] {
  const secrets = SECRET_NAMES.filter((name) => isNamed(env, name));
  const addresses = ['HOST', 'PUBLIC_URL', 'EVENTS_URL', 'ADOPT_INSTALLATION'].filter(
    (name) => isGiven(env, name) && !staysHere(env[name]!.trim()),
  );
  return [...secrets, ...addresses];
}

function staysHere(address: string): boolean {
  if (address === '::1' || isLoopback(address)) return true;
  return URL.canParse(address) && isLoopback(new URL(address).hostname);
}
