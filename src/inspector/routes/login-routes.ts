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
import { SESSION_SECONDS, type Session, type Sessions } from '../sessions.ts';

const Form = Type.Object({
  operator: Type.String({ maxLength: 80 }),
  password: Type.String({ maxLength: 400 }),
  next: Type.Optional(Type.String({ maxLength: 500 })),
});
/** Below the inspector and nowhere else. */
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
    (request, reply) => send(request, reply, 200, { operator: '', next: request.query.next ?? '', problem: null }),
  );

  app.post('/inspector/login', { schema: { hide: true, body: Form } }, async (request, reply) => {
    assertOwnOrigin(request);
    const { password, next = '' } = request.body;
    const operator = request.body.operator.trim();
    const { ip: address } = request;
    const audit = (outcome: 'done' | 'refused', actor: Actor) =>
      writeAudit(deps.db, { at: deps.now(), actor, action: 'login', outcome, tenantId: null, address, reason: null });
    await attempts.admit(operator, address, deps.now());
    const opened = operator === '' ? null : openedBy(deps, password);
    if (opened === null) {
      attempts.refuse(operator, address, deps.now());
      request.log.warn({ address }, 'a login to the inspector was refused');
      await audit('refused', { kind: 'nobody', name: operator });
      return send(request, reply, 401, {
        operator,
        next,
        problem:
          operator === ''
            ? 'A name is needed: it goes into the history.'
            : 'This is neither the password nor an API key.',
      });
    }
    const { token } = sessions.start({ operator, role: opened, secret: password }, deps.now());
    await audit('done', { kind: 'operator', name: operator });
    const base = baseOf(request);
    // Without a path the cookie is for `…/inspector`, wherever that is.
    reply.setCookie(COOKIE, token, {
      httpOnly: true,
      sameSite: 'strict',
      secure: deps.publicUrl.startsWith('https:'),
      maxAge: SESSION_SECONDS,
    });
    return reply.header('cache-control', 'no-store').redirect(NEXT.test(next) ? `${base}${next}` : homeOf(base), 303);
  });

  app.post('/inspector/logout', { schema: { hide: true } }, async (request, reply) => {
    assertOwnOrigin(request);
    const session = sessions.read(request.cookies[COOKIE], deps.now());
    // Whoever has a copy of the cookie is logged out as well.
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

/** What this secret opens the inspector for; null: nothing. All are compared. */
function openedBy(
  { inspectorPassword, inspectorViewerPassword, apiKeys }: InspectorDeps,
  secret: string,
): Session['role'] | null {
  const isOperator = isSecret(inspectorPassword, secret);
  const isViewer = isSecret(inspectorViewerPassword ?? '', secret);
  const key = findKey(apiKeys, secret);
  if (isOperator || (key !== null && mayDo(key, 'operate'))) return 'operator';
  return isViewer || (key !== null && mayDo(key, 'read')) ? 'viewer' : null;
}
