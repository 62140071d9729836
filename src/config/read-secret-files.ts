import { readFileSync, statSync } from 'node:fs';
import type { ConfigurationFault } from './configuration-error.ts';
import { SECRET_NAMES } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A secret has one or a few lines. A larger file was named by mistake. */
const MOST_BYTES = 64 * 1024;

/** True if the variable holds more than blanks. A blank one counts as unset, because that is how people switch off a line. */
export const isGiven = (env: Environment, name: string): boolean => (env[name]?.trim() ?? '') !== '';

/**
 * The environment, with every `NAME_FILE` replaced by `NAME` with the content of that file. A file that cannot be read is a fault: the
 * service must not start as if the secret had never been wanted.
 */
export function readSecretFiles(env: Environment): { env: Environment; faults: ConfigurationFault[] } {
  const read: Record<string, string | undefined> = { ...env };
  const faults: ConfigurationFault[] = [];
  for (const name of SECRET_NAMES) {
    const variable = `${name}_FILE`;
    if (!isGiven(env, variable)) continue;
    if (isGiven(env, name)) {
      faults.push({ variable, problem: `and ${name} are both set: remove one of them` });
      continue;
    }
    const found = readSecret(env[variable]!.trim());
    if ('problem' in found) faults.push({ variable, problem: found.problem });
    else read[name] = found.value;
  }
  return { env: read, faults };
}

/** The message may name the path, but never the content. */
function readSecret(path: string): { value: string } | { problem: string } {
  try {
    if (statSync(path).size > MOST_BYTES) return { problem: `names ${path}, which is too large to be a secret` };
    const value = readFileSync(path, 'utf8').trim();
    return value === '' ? { problem: `names ${path}, which is empty: is the secret mounted?` } : { value };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    return { problem: `names ${path}, which cannot be read (${code}): is the secret mounted?` };
  }
}
