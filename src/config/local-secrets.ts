import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** Each in the form of the setting that it replaces, so that the same checks apply. */
export type LocalSecrets = Readonly<Record<keyof typeof generators, string>>;

const generators = {
  ENCRYPTION_KEYS: () => `local:${randomBytes(32).toString('base64')}`,
  API_KEYS: () => randomBytes(24).toString('base64url'),
  INSPECTOR_PASSWORD: () => randomBytes(12).toString('base64url'),
  CALENDLY_CLIENT_ID: () => `sandbox-${randomBytes(8).toString('hex')}`,
  CALENDLY_CLIENT_SECRET: () => randomBytes(32).toString('hex'),
};

/**
 * Reads `<dataDir>/secrets.json`, or generates it. If the file exists but cannot be read as secrets, that is an error and the file stays:
 * with new secrets, everything that was encrypted with the old key could not be read any more.
 */
export function ensureLocalSecrets(dataDir: string): LocalSecrets {
  const path = join(dataDir, 'secrets.json');
  // Other accounts may pass through, because PostgreSQL must not run as root, but they see nothing. Every secret in the folder has mode
  // 0600.
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const kept = read(path);
  const secrets = complete(kept ?? {});
  if (kept === null) {
    // Two processes may start at the same time. If the other one was first, link() fails, and its secrets count.
    return write(path, secrets, linkSync) ? secrets : ensureLocalSecrets(dataDir);
  }
  if (Object.keys(generators).some((name) => !(name in kept))) write(path, secrets, renameSync);
  chmodSync(path, 0o600);
  return secrets;
}

/** Reads the secrets without writing any. A missing one gets another value here than the next start will give it. */
export const foreseeLocalSecrets = (dataDir: string): LocalSecrets =>
  complete(read(join(dataDir, 'secrets.json')) ?? {});

function complete(kept: Record<string, unknown>): LocalSecrets {
  const entries = Object.entries(generators).map(([name, generate]) => [name, kept[name] ?? generate()]);
  return Object.fromEntries(entries) as LocalSecrets;
}

function read(path: string): Record<string, unknown> | null {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const secrets = parse(content);
  const sound = Object.keys(generators).every((name) => !(name in secrets) || isSecret(secrets[name]));
  if (!sound || Object.keys(secrets).length === 0) throw unreadable(path);
  return secrets;

  function parse(json: string): Record<string, unknown> {
    try {
      const value: unknown = JSON.parse(json);
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) return { ...value };
    } catch {
      // The message of JSON.parse quotes the text, so it is not passed on.
    }
    throw unreadable(path);
  }
}

const isSecret = (value: unknown) => typeof value === 'string' && value !== '';

const unreadable = (path: string) =>
  new Error(`${path} does not hold the generated secrets. Restore it, or move it away together with the database.`);

/** After this the file is complete or not there, also after a crash. Returns whether it was put in place. */
function write(path: string, secrets: LocalSecrets, place: (from: string, to: string) => void): boolean {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeSync(file, `${JSON.stringify(secrets, null, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    place(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
