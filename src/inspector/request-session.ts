import type { FastifyReply, FastifyRequest } from 'fastify';
import { isSessionEnded } from '../access/ended-sessions.ts';
import { bearerOf, findKey, mayDo } from '../access/find-key.ts';
import { ProblemError } from '../errors.ts';
import { baseOf, type PageContext } from './pages/page-context.ts';
import type { InspectorDeps } from './inspector-deps.ts';
import { sessionByProxy } from './session-by-proxy.ts';
import { SESSION_SECONDS, type Session, type Sessions } from './sessions.ts';

export const COOKIE = 'inspector';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True for a form that changes nothing, so that viewers may send it. */
    isForViewers?: boolean;
  }
  interface FastifyRequest {
    /** Set for every route of the inspector that needs a login. */
    inspector: PageContext | null;
  }
}

/** A hook that lets requests with a session pass and sends all others to the login. */
export function requireSession(deps: InspectorDeps, sessions: Sessions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | void> => {
    const base = baseOf(request);
    const session =
      sessionByProxy(deps, request) ??
      (await sessionByCookie(deps, sessions, request)) ??
      (await readerWithKey(deps, request));
    if (session === null) {
      if (request.method !== 'GET' || request.headers.accept?.includes('text/html') !== true)
        throw new ProblemError('login_required');
      const wanted = request.url.slice(request.url.indexOf('/inspector') + '/inspector'.length);
      return reply.redirect(
        `${base}/login${wanted === '' || wanted === '/' ? '' : `?next=${encodeURIComponent(wanted)}`}`,
        303,
      );
    }
    const mayAct = deps.mayAct();
    request.inspector = {
      base,
      session,
      formToken: sessions.formToken(session),
      now: deps.now(),
      mayAct,
      refusal: mayAct ? (session.role === 'viewer' ? 'Viewers only read.' : null) : 'This installation reads only.',
    };
  };
}

async function sessionByCookie(
  { db, now }: InspectorDeps,
  sessions: Sessions,
  { cookies }: FastifyRequest,
): Promise<Session | null> {
  const session = sessions.read(cookies[COOKIE], now());
  return session !== null && (await isSessionEnded(db, session.id)) ? null : session;
}

/** A script with an API key reads (an export, say). It changes nothing here: for that there are the routes under `/v1`. */
async function readerWithKey(
  { apiKeys, addresses, keyGuesses, now }: InspectorDeps,
  request: FastifyRequest,
): Promise<Session | null> {
  const presented = bearerOf(request.headers.authorization);
  if (request.method !== 'GET' || presented === null) return null;
  const key = findKey(apiKeys, presented);
  if (key === null) await keyGuesses.refuse(addresses.of(request), presented);
  if (key === null || !mayDo(key, 'read')) return null;
  return {
    id: `key ${key.name}`,
    operator: `API key ${key.name}`,
    role: 'viewer',
    seesAudit: mayDo(key, 'admin'),
    expiresAt: now().getTime() + SESSION_SECONDS * 1000,
  };
}

export function contextOf(request: FastifyRequest): PageContext {
  if (request.inspector === null) throw new Error(`${request.url} is answered without a session`);
  return request.inspector;
}

/**
 * A hook for every request that changes something. The cookie is SameSite=Strict, so a form of another site comes without a session. The
 * origin and the form's own token are checked as well.
 */
export function requireOwnForm(sessions: Sessions) {
  return async (request: FastifyRequest): Promise<void> => {
    if (request.method === 'GET' || request.method === 'HEAD') return;
    assertOwnOrigin(request);
    const session: Session | undefined = request.inspector?.session;
    const token = (request.body as { formToken?: unknown } | undefined)?.formToken;
    if (session && !sessions.isFormToken(session, token)) throw new ProblemError('form_refused');
    if (session?.role === 'viewer' && request.routeOptions.config.isForViewers !== true)
      throw new ProblemError('role_missing');
  };
}

export function assertOwnOrigin(request: FastifyRequest): void {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  const same = origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
  // Browsers send this header themselves, and it is right even if a proxy has changed the host.
  const fetched = site === undefined || site === 'same-origin' || site === 'none';
  if (site === undefined ? !same : !fetched) throw new ProblemError('form_refused');
}
