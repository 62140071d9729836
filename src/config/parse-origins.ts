import { splitList, type Parsed } from './parsed.ts';

/** Exact origins: a path or a wildcard would promise a check that comparing origins does not make. */
export function parseOrigins(text: string): Parsed<readonly string[]> {
  const origins: string[] = [];
  for (const item of splitList(text)) {
    const origin = URL.canParse(item) && /^https?:/.test(item) ? new URL(item).origin : null;
    if (origin === null || origin.includes('*'))
      return { problem: 'must list http or https origins such as https://app.example.com' };
    if (item.toLowerCase() !== origin && item.toLowerCase() !== `${origin}/`) {
      return { problem: `must list exact origins: "${origin}" and nothing after it` };
    }
    origins.push(origin);
  }
  return origins.length === 0 ? { problem: 'must list at least one origin' } : { value: [...new Set(origins)] };
}
