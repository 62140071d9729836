import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findAccount } from '../accounts.ts';
import type { SandboxContext } from '../context.ts';
import { messagePage } from '../pages/message-page.ts';
import { sendPage } from '../pages/send-page.ts';
import { parseAuthorizationRequest, UntrustedRequest, type ParsedRequest } from './authorization-request.ts';
import { consentPage } from './consent-page.ts';
import { allow, deny } from './answer-consent.ts';
import { parametersOf } from './parameters.ts';
import { splitScopes } from './scope-catalog.ts';

const COOKIE = 'sandbox_account';

/** GET shows the consent page; POST is its form: the query parameters, `account`, `decision`, and `scope` repeated. */
export function authorizeRoutes(server: FastifyInstance, context: SandboxContext): void {
  server.get('/oauth/authorize', async (request, reply) => {
    const query = request.query as Record<string, string>;
    const parsed = parse(context, reply, query);
    if (!parsed) return reply;
    if ('redirectTo' in parsed) return reply.redirect(parsed.redirectTo, 302);
    const { autoConsent, autoDecision, declinedScopes } = context.switches;
    const account = autoConsent === null ? undefined : findAccount(context, autoConsent);
    if (account) {
      // Calendly uses the browser's session without asking. It may be the account of the last time.
      context.calls.note(request, { account: account.slug });
      if (autoDecision === 'deny') return reply.redirect(deny(parsed.request), 302);
      const granted = parsed.request.scopes.filter((scope) => !declinedScopes.includes(scope));
      return reply.redirect(allow(context, parsed.request, account, granted), 302);
    }
    const action = `/oauth/authorize${request.url.slice(request.url.indexOf('?'))}`;
    return sendPage(reply, consentPage(context, parsed.request, action, lastAccount(request)));
  });

  server.post('/oauth/authorize', async (request, reply) => {
    const fields = parametersOf(request);
    const asked = { ...fields, scope: scopeFields(request).join(' '), ...(request.query as Record<string, string>) };
    const parsed = parse(context, reply, asked);
    if (!parsed) return reply;
    if ('redirectTo' in parsed) return reply.redirect(parsed.redirectTo, 302);
    const account = findAccount(context, fields['account'] ?? '');
    if (!account) return sendPage(reply, messagePage('Choose an account', 'No such account is known here.'), 400);
    context.calls.note(request, { account: account.slug });
    reply.header('set-cookie', `${COOKIE}=${account.slug}; Path=/; HttpOnly; SameSite=Lax`);
    if (fields['decision'] !== 'allow') return reply.redirect(deny(parsed.request), 302);
    return reply.redirect(allow(context, parsed.request, account, grantedScopes(request, parsed.request.scopes)), 302);
  });
}

function parse(context: SandboxContext, reply: FastifyReply, query: Record<string, string>): ParsedRequest | null {
  try {
    return parseAuthorizationRequest(context, query);
  } catch (error) {
    if (!(error instanceof UntrustedRequest)) throw error;
    void sendPage(reply, messagePage('An error has occurred', error.message), 400);
    return null;
  }
}

/** The scopes that were ticked. A form without boxes, such as a test's, leaves out `scope` and grants all. */
function grantedScopes(request: FastifyRequest, requested: readonly string[]): readonly string[] {
  const granted = scopeFields(request);
  return granted.length > 0 || parametersOf(request)['scopes_shown'] ? granted : requested;
}

function scopeFields(request: FastifyRequest): string[] {
  const { scope } = (request.body ?? {}) as { scope?: string | string[] };
  return [scope ?? []].flat().flatMap(splitScopes);
}

function lastAccount(request: FastifyRequest): string | null {
  return new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1] ?? null;
}
