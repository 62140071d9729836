import { Type } from 'typebox';
import { completeConsent } from '../../connection/commands/complete-consent.ts';
import { endedConsent } from '../../connection/commands/ended-consent.ts';
import type { App } from '../../web/app-type.ts';
import { answer } from '../../web/problems.ts';
import { sendInvalid, sendOutcome } from '../consent-pages.ts';
import type { HttpDeps } from '../http-deps.ts';

const WAIT_SECONDS = 10;
const text = Type.Optional(Type.String({ maxLength: 4096 }));

export function oauthCallbackRoute(app: App, deps: HttpDeps): void {
  app.get(
    '/oauth/callback',
    {
      // A HEAD request, as scanners of mail and chat send it, must not use up the link.
      exposeHeadRoute: false,
      // A person reads this answer.
      errorHandler: (error, request, reply) =>
        void (error.validation ? sendInvalid(reply) : answer(error, request, reply)),
      schema: {
        operationId: 'returnFromConsent',
        tags: ['Browser'],
        summary: 'Calendly sends the browser here after consent',
        querystring: Type.Object(
          { code: text, state: text, error: text, error_description: text },
          { additionalProperties: true },
        ),
      },
    },
    async ({ query: { code, state, error } }, reply) => {
      const consent = state && error ? { state, error } : state && code ? { state, code } : null;
      const outcome = consent && (await completeConsent(deps, consent, WAIT_SECONDS));
      if (!outcome) return sendInvalid(reply, await endedConsent(deps, state));
      return sendOutcome(reply, deps.publicUrl, outcome);
    },
  );
}
