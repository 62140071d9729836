import { existsSync, readFileSync } from 'node:fs';

/**
 * Names this software to Calendly: name, version and, if package.json has one, the home page. Cloudflare, which stands in front of
 * Calendly, refuses the default names of some HTTP libraries.
 */
export const userAgent = nameOf(JSON.parse(readFileSync(packageFile(new URL('.', import.meta.url)), 'utf8')));

export function nameOf({ name, version, homepage }: { name: string; version: string; homepage?: string }): string {
  return `${name}/${version}${homepage === undefined ? '' : ` (+${homepage})`}`;
}

/** The nearest package.json above this file. Source and build lie at different depths. */
function packageFile(folder: URL): URL {
  const file = new URL('package.json', folder);
  const above = new URL('..', folder);
  return existsSync(file) || above.href === folder.href ? file : packageFile(above);
}
