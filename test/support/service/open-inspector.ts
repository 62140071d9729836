export const PASSWORD = 'test-inspector-password';

export interface OpenInspector {
  cookie: string;
  /** `path` below `/inspector`. */
  get(path: string): Promise<Response>;
  /** As a form of this session, with its token. */
  post(path: string, fields?: Record<string, string>): Promise<Response>;
}

/** Logged in to the state inspector, without a browser. */
export async function openInspector(url: string, operator = 'Nora Night', password = PASSWORD): Promise<OpenInspector> {
  const at = `${url}/inspector`;
  const entered = await fetch(`${at}/login`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ operator, password }),
  });
  const cookie = entered.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`The login answered ${entered.status}: ${await entered.text()}`);
  const headers = { cookie, accept: 'text/html' };
  const get = (path: string) => fetch(`${at}${path}`, { headers, redirect: 'manual' });
  const formToken = /name="formToken" value="([^"]+)"/.exec(await (await get('')).text())?.[1] ?? '';
  return {
    cookie,
    get,
    post: (path, fields = {}) =>
      fetch(`${at}${path}`, {
        method: 'POST',
        headers,
        redirect: 'manual',
        body: new URLSearchParams({ formToken, ...fields }),
      }),
  };
}
