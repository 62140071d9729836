/** What a person does in the browser: answers Calendly's consent page and is sent on to the callback. */
export async function giveConsent(
  authorizeUrl: string,
  account: string,
  { decision = 'allow', scopes, at }: { decision?: 'allow' | 'deny'; scopes?: string[]; at?: string } = {},
): Promise<Response> {
  const form = new URLSearchParams({ account, decision });
  for (const scope of scopes ?? []) form.append('scope', scope);
  const answered = await fetch(authorizeUrl, { method: 'POST', body: form, redirect: 'manual' });
  const callback = answered.headers.get('location');
  if (callback === null) throw new Error(`The consent page answered ${answered.status}: ${await answered.text()}`);
  // `at`: another instance than the one behind the public URL takes the callback.
  return fetch(at === undefined ? callback : new URL(new URL(callback).pathname + new URL(callback).search, at), {
    redirect: 'manual',
  });
}
