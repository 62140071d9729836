import type { ExchangeItem } from '../../exchanges/list-exchanges.ts';

export interface CalendlyBases {
  authBaseUrl: string;
  apiBaseUrl: string;
}

/** The request for a terminal, with a variable in place of the secret. */
export function curlOf(
  { method, path, requestBody }: Pick<ExchangeItem, 'method' | 'path' | 'requestBody'>,
  { authBaseUrl, apiBaseUrl }: CalendlyBases,
): string {
  const oauth = path.includes('/oauth/');
  // Joined as text, because `//elsewhere/` as a relative URL would name another host.
  const url = `${new URL(oauth ? authBaseUrl : apiBaseUrl).origin}${path}`;
  const lines = [
    `curl -i -X ${method} ${quoted(url)}`,
    oauth ? '-u "$CALENDLY_CLIENT_ID:$CALENDLY_CLIENT_SECRET"' : '-H "Authorization: Bearer $CALENDLY_TOKEN"',
  ];
  if (requestBody !== null && requestBody !== undefined) {
    lines.push(
      oauth
        ? `--data ${quoted(new URLSearchParams(fieldsOf(requestBody)).toString())}`
        : `-H 'Content-Type: application/json' --data ${quoted(JSON.stringify(requestBody))}`,
    );
  }
  return lines.join(' \\\n  ');
}

/** The fields of a form. In a bundle's file they can be anything. */
const fieldsOf = (body: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(typeof body === 'object' && body !== null ? body : {}).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );

/** Quoted for a POSIX shell: inside single quotes, only the quote itself is special. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
