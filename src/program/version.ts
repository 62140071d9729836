import { readFileSync } from 'node:fs';

/** Of the package. It stands beside `src/`, and beside `dist/` where it is built. */
export function version(): string {
  for (const above of ['../..', '../../..']) {
    try {
      const { name, version: found } = JSON.parse(
        readFileSync(new URL(`${above}/package.json`, import.meta.url), 'utf8'),
      ) as { name: string; version: string };
      if (name === 'calendly-reconnect') return found;
    } catch {
      // Not there: one folder further up.
    }
  }
  return 'unknown';
}
