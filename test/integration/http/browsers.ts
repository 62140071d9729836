import { expect } from 'vitest';
import { serveThisFile } from '../../support/service/service-of-file.ts';

export const HOST = 'https://app.host.example';

/** A service that may send browsers back to HOST. */
export const serveBrowsers = (): void =>
  serveThisFile({
    env: { RETURN_TO_ORIGINS: `${HOST},http://localhost:8080` },
    sandbox: { switches: { tokenRateLimit: null } },
  });

export const wherefrom = (response: Response): [number, string | null] => [
  response.status,
  response.headers.get('location'),
];

export function expectPrivate(response: Response): void {
  expect(
    Object.fromEntries(['cache-control', 'referrer-policy'].map((name) => [name, response.headers.get(name)])),
  ).toEqual({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
}

export async function expectInvalidPage(response: Response): Promise<void> {
  expect([response.status, response.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8']);
  expectPrivate(response);
  expect(await response.text()).toContain('no longer valid');
}

/** The address that Calendly sends the browser to, not opened. */
export async function callbackAddress(authorizeUrl: string, account: string): Promise<string> {
  const answered = await fetch(authorizeUrl, {
    method: 'POST',
    body: new URLSearchParams({ account, decision: 'allow' }),
    redirect: 'manual',
  });
  return answered.headers.get('location')!;
}
