import type { ExchangeItem } from '../../exchanges/list-exchanges.ts';

export interface CalendlyBases {
  authBaseUrl: string;
  apiBaseUrl: string;
}

/** For a terminal: the request as it was, with a variable where the secret was. */
export function curlOf(
  { method, path, requestBody }: Pick<ExchangeItem, 'method' | 'path' | 'requestBody'>,
  { authBaseUrl, apiBaseUrl }: CalendlyBases,
): string {
  const oauth = path.includes('/oauth/');
  // Joined as text: as a relative URL, `//elsewhere/` would name another host.
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

/** A form's fields; from a file it can be anything. */
const fieldsOf = (body: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(typeof body === 'object' && body !== null ? body : {}).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );

/** Quoted for a POSIX shell: inside single quotes, only the quote itself is special. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
