import { readFileSync } from 'node:fs';

/** The version of the package. Its package.json lies beside `src/`, or beside `dist/` after the build. */
export function version(): string {
  for (const above of ['../..', '../../..']) {
    try {
      const { name, version: found } = JSON.parse(
        readFileSync(new URL(`${above}/package.json`, import.meta.url), 'utf8'),
      ) as { name: string; version: string };
      if (name === 'calendly-reconnect') return found;
    } catch {
      // It is not there, so try one folder further up.
    }
  }
  return 'unknown';
}
