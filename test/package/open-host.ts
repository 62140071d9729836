export interface Visitor {
  /** The text of a page. */
  page(path: string): Promise<string>;
  /** Sends the one button of a form, and gives the address that the browser is sent to. */
  press(path: string): Promise<string>;
  visit(address: string): Promise<{ status: number; location: string | null }>;
}

/** A person's browser at a host of the examples, signed in for a tenant. */
export async function openHost(hostUrl: string, tenant: string): Promise<Visitor> {
  const signedIn = await fetch(`${hostUrl}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ tenant }),
  });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`The host signs nobody in: ${signedIn.status}`);
  const ask = (address: string, method = 'GET') =>
    fetch(new URL(address, hostUrl), { method, redirect: 'manual', headers: { cookie } });
  return {
    page: async (path) => (await ask(path)).text(),
    async press(path) {
      const response = await ask(path, 'POST');
      const location = response.headers.get('location');
      if (location === null) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
      return new URL(location, hostUrl).href;
    },
    async visit(address) {
      const response = await ask(address);
      await response.body?.cancel();
      return { status: response.status, location: response.headers.get('location') };
    },
  };
}
