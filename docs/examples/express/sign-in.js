import { randomBytes } from 'node:crypto';

/**
 * In place of your own login. A session belongs to one person. It says for which tenant that person may act, and whether the person asked to
 * connect. Here, anybody may choose a tenant: never do that in your product.
 */
const sessions = new Map();

export function signIn(tenantId) {
  const id = randomBytes(24).toString('base64url');
  sessions.set(id, { tenantId, asked: false });
  // SameSite: no other site can send a form in this session. Add `Secure` where the address is https.
  return `session=${id}; Path=/; HttpOnly; SameSite=Lax`;
}

/** The session of a request, or undefined. */
export function sessionOf(cookieHeader = '') {
  return sessions.get(/(?:^|; )session=([\w-]+)/.exec(cookieHeader)?.[1]);
}

export const signInPage =
  '<!doctype html><title>Sign in</title><form method="post"><input name="tenant" value="acme"><button>Sign in</button></form>';
