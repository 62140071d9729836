import type { Parsed } from './parsed.ts';

/** `loopback`: http only on this machine. `anywhere`: http everywhere, for the sandbox, which has nothing to protect. */
export type PlainHttp = 'loopback' | 'anywhere';

/** A URL that paths are appended to: no query, fragment, credentials or trailing slash. */
export function parseBaseUrl(text: string, plainHttp: PlainHttp): Parsed<string> {
  if (!URL.canParse(text)) return { problem: 'must be an absolute URL such as https://example.com' };
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { problem: 'must be an http or https URL' };
  if (url.username !== '' || url.password !== '') return { problem: 'must not contain a user name or password' };
  if (/[?#]/.test(text)) return { problem: 'must not contain a query or fragment' };
  if (url.protocol === 'http:' && plainHttp === 'loopback' && !isLoopback(url.hostname)) {
    return { problem: 'must be https (http is accepted for loopback addresses only)' };
  }
  return { value: url.href.replace(/\/+$/, '') };
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
