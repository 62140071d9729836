import { Type } from 'typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '../../errors.ts';
import type { App } from '../../web/app-type.ts';
import type { InspectorDeps } from '../inspector-deps.ts';
import { createLoginAttempts } from '../login-attempts.ts';
import { loginPage, type LoginForm } from '../pages/login-page.ts';
import { baseOf, homeOf } from '../pages/page-context.ts';
import { sendBarePage } from '../pages/send-inspector-page.ts';
import { assertOwnOrigin, COOKIE, isKnownSecret } from '../request-session.ts';
import { SESSION_SECONDS, type Sessions } from '../sessions.ts';

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

  app.post('/inspector/login', { schema: { hide: true, body: Form } }, (request, reply) => {
    assertOwnOrigin(request);
    if (attempts.isBlocked(request.ip, deps.now())) {
      throw new ProblemError('too_many_attempts', 'Wait a minute, then try again.', {
        headers: { 'retry-after': '60' },
      });
    }
    const { password, next = '' } = request.body;
    const operator = request.body.operator.trim();
    const known = isKnownSecret([deps.inspectorPassword, ...deps.apiKeys], password);
    if (!known || operator === '') {
      attempts.refuse(request.ip, deps.now());
      request.log.warn({ address: request.ip }, 'a login to the inspector was refused');
      return send(request, reply, 401, {
        operator,
        next,
        problem:
          operator === ''
            ? 'A name is needed: it goes into the history.'
            : 'This is neither the password nor an API key.',
      });
    }
    const { token } = sessions.start(operator, deps.now());
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

  app.post('/inspector/logout', { schema: { hide: true } }, (request, reply) => {
    assertOwnOrigin(request);
    reply.clearCookie(COOKIE, {
      httpOnly: true,
      sameSite: 'strict',
      secure: deps.publicUrl.startsWith('https:'),
      path: undefined as never,
    });
    return reply.redirect(`${baseOf(request)}/login`, 303);
  });
}
