import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '../errors.ts';
import { baseOf, type PageContext } from './pages/page-context.ts';
import type { InspectorDeps } from './inspector-deps.ts';
import { SESSION_SECONDS, type Session, type Sessions } from './sessions.ts';

export const COOKIE = 'inspector';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for every route of the inspector that needs a login. */
    inspector: PageContext | null;
  }
}

/** A hook: lets requests of a session pass, leads everybody else to the login. */
export function requireSession(deps: InspectorDeps, sessions: Sessions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | void> => {
    const base = baseOf(request);
    const session = sessions.read(request.cookies[COOKIE], deps.now()) ?? readerWithKey(deps, request);
    if (session === null) {
      if (request.method !== 'GET' || request.headers.accept?.includes('text/html') !== true)
        throw new ProblemError('login_required');
      const wanted = request.url.slice(request.url.indexOf('/inspector') + '/inspector'.length);
      return reply.redirect(
        `${base}/login${wanted === '' || wanted === '/' ? '' : `?next=${encodeURIComponent(wanted)}`}`,
        303,
      );
    }
    request.inspector = {
      base,
      session,
      formToken: sessions.formToken(session),
      now: deps.now(),
      mayAct: deps.mayAct(),
    };
  };
}

/** A script with an API key reads (an export, say). It changes nothing here: for that there are the routes under `/v1`. */
function readerWithKey({ apiKeys, now }: InspectorDeps, { method, headers }: FastifyRequest): Session | null {
  const key = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  if (method !== 'GET' || key === undefined || !isKnownSecret(apiKeys, key)) return null;
  return { id: 'api', operator: 'API key', expiresAt: now().getTime() + SESSION_SECONDS * 1000 };
}

export function contextOf(request: FastifyRequest): PageContext {
  if (request.inspector === null) throw new Error(`${request.url} is answered without a session`);
  return request.inspector;
}

/**
 * A hook for everything that changes something. The cookie is SameSite=Strict, so another site's form comes without a session;
 * the origin and the form's own token are the second and third lock.
 */
export function requireOwnForm(sessions: Sessions) {
  return async (request: FastifyRequest): Promise<void> => {
    if (request.method === 'GET' || request.method === 'HEAD') return;
    assertOwnOrigin(request);
    const session: Session | undefined = request.inspector?.session;
    const token = (request.body as { formToken?: unknown } | undefined)?.formToken;
    if (session && !sessions.isFormToken(session, token)) throw new ProblemError('form_refused');
  };
}

export function assertOwnOrigin(request: FastifyRequest): void {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  const same = origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
  // Browsers say it themselves, also where a proxy has changed the host.
  const fetched = site === undefined || site === 'same-origin' || site === 'none';
  if (site === undefined ? !same : !fetched) throw new ProblemError('form_refused');
}

/** Every secret is compared, in constant time. */
export function isKnownSecret(secrets: readonly string[], presented: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const given = digest(presented);
  return secrets
    .filter((secret) => secret !== '')
    .map((secret) => timingSafeEqual(digest(secret), given))
    .includes(true);
}
