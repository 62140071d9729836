import { Type } from 'typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { writeAudit, type Actor } from '../../access/audit.ts';
import { endSession } from '../../access/ended-sessions.ts';
import { findKey, isSecret, mayDo } from '../../access/find-key.ts';
import type { App } from '../../web/app-type.ts';
import type { InspectorDeps } from '../inspector-deps.ts';
import { createLoginAttempts } from '../login-attempts.ts';
import { loginPage, type LoginForm } from '../pages/login-page.ts';
import { baseOf, homeOf } from '../pages/page-context.ts';
import { sendBarePage } from '../pages/send-inspector-page.ts';
import { assertOwnOrigin, COOKIE } from '../request-session.ts';
import { sessionByProxy } from '../session-by-proxy.ts';
import { isPersonName, SESSION_SECONDS, type Session, type Sessions } from '../sessions.ts';

const Form = Type.Object({
  operator: Type.String({ maxLength: 80 }),
  password: Type.String({ maxLength: 400 }),
  next: Type.Optional(Type.String({ maxLength: 500 })),
});
/** Only addresses below the inspector. */
const NEXT = /^\/(?!\/)[\w.:/?=&%~-]*$/;

export function loginRoutes(app: App, deps: InspectorDeps, sessions: Sessions): void {
  const attempts = createLoginAttempts();
  const send = (request: FastifyRequest, reply: FastifyReply, status: number, form: Omit<LoginForm, 'base'>) => {
    const base = baseOf(request);
    return sendBarePage(reply, { base, status, title: 'Log in', body: loginPage({ ...form, base }) });
  };

  app.get(
    '/inspector/login',
    { schema: { hide: true, querystring: Type.Object({ next: Type.Optional(Type.String({ maxLength: 500 })) }) } },
    (request, reply) => {
      const { next = '' } = request.query;
      if (sessionByProxy(deps, request) !== null) return reply.redirect(addressOf(baseOf(request), next), 303);
      return send(request, reply, 200, { operator: '', next, problem: null });
    },
  );

  app.post('/inspector/login', { schema: { hide: true, body: Form } }, async (request, reply) => {
    assertOwnOrigin(request);
    const { password, next = '' } = request.body;
    const operator = request.body.operator.trim();
    const address = deps.addresses.of(request);
    const audit = (outcome: 'done' | 'refused', actor: Actor) =>
      writeAudit(deps.db, { at: deps.now(), actor, action: 'login', outcome, tenantId: null, address, reason: null });
    await attempts.admit(operator, address, deps.now());
    const opened = isPersonName(operator) ? openedBy(deps, password) : null;
    if (opened === null) {
      attempts.refuse(operator, address, deps.now());
      request.log.warn({ address }, 'a login to the inspector was refused');
      await audit('refused', { kind: 'nobody', name: operator });
      return send(request, reply, 401, {
        operator,
        next,
        problem: isPersonName(operator)
          ? 'This is neither the password nor an API key.'
          : 'A name is needed, of letters that can be seen: it goes into the history.',
      });
    }
    // Where a proxy proves names, nobody may pass for another by typing one.
    const name = deps.inspectorIdentity === null ? operator : `${operator} (by password)`;
    const { token } = sessions.start({ ...opened, operator: name, secret: password }, deps.now());
    await audit('done', { kind: 'operator', name });
    const base = baseOf(request);
    // Without a path, the cookie is valid for `…/inspector`, wherever that is.
    reply.setCookie(COOKIE, token, {
      httpOnly: true,
      sameSite: 'strict',
      secure: deps.publicUrl.startsWith('https:'),
      maxAge: SESSION_SECONDS,
    });
    return reply.header('cache-control', 'no-store').redirect(addressOf(base, next), 303);
  });

  app.post('/inspector/logout', { schema: { hide: true } }, async (request, reply) => {
    assertOwnOrigin(request);
    const session = sessions.read(request.cookies[COOKIE], deps.now());
    // This also logs out whoever has a copy of the cookie.
    if (session !== null) await endSession(deps.db, session);
    reply.clearCookie(COOKIE, {
      httpOnly: true,
      sameSite: 'strict',
      secure: deps.publicUrl.startsWith('https:'),
      path: undefined as never,
    });
    return reply.redirect(`${baseOf(request)}/login`, 303);
  });
}

const addressOf = (base: string, next: string): string => (NEXT.test(next) ? `${base}${next}` : homeOf(base));

/** What this secret opens the inspector for; null: nothing. All are compared. A key opens no more than it may do under `/v1`. */
function openedBy(
  { inspectorPassword, inspectorViewerPassword, apiKeys }: InspectorDeps,
  secret: string,
): Pick<Session, 'role' | 'seesAudit'> | null {
  const isOperator = isSecret(inspectorPassword, secret);
  const isViewer = isSecret(inspectorViewerPassword ?? '', secret);
  const key = findKey(apiKeys, secret);
  if (isOperator || isViewer) return { role: isOperator ? 'operator' : 'viewer', seesAudit: true };
  if (key === null || !mayDo(key, 'read')) return null;
  const mayAct = mayDo(key, 'connect') && mayDo(key, 'operate');
  return { role: mayAct ? 'operator' : 'viewer', seesAudit: mayDo(key, 'admin') };
}
