import type { PortInUseError } from '../boot/assert-port-free.ts';
import type { Environment } from '../config/read-secret-files.ts';

/** Settings that a person has to give again together with the new port, because otherwise another service would start. Never a secret. */
const KEPT = ['MODE', 'DATA_DIR', 'HOST', 'PORT', 'SANDBOX_PORT'];

/** One line: the port, and the command with another port and the same settings. */
export function portHint({ message, port, variable }: PortInUseError, env: Environment): string {
  const given = KEPT.filter((name) => name !== variable && (env[name]?.trim() ?? '') !== '');
  const taken = new Set(given.map((name) => Number(env[name])));
  let other = port + 100 > 65_535 ? port - 100 : port + 100;
  while (taken.has(other)) other += 1;
  const settings = [...given.map((name) => `${name}=${quoted(env[name]!.trim())}`), `${variable}=${other}`];
  return `${message} Stop that one, or choose another port: ${settings.join(' ')} npm start`;
}

const quoted = (value: string): string => (/^[\w./:-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);
