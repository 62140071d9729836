import { Type } from 'typebox';
import { noteSlowDelivery, SLOW_MS } from '../../deliveries/note-deliveries.ts';
import { ProblemError } from '../../errors.ts';
import type { App } from '../../web/app-type.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { Metrics } from '../../metrics/create-metrics.ts';

/** Calendly's largest deliveries have about 20 KiB. */
const MOST_BYTES = 256 * 1024;
const REFUSALS = { 401: 'signature_refused', 404: 'subscription_unknown', 410: 'subscription_retired' } as const;

/** The route for Calendly: takes raw bytes and answers 200 only when they are stored. */
export function webhooksRoute(app: App, deps: HttpDeps, metrics: Metrics): void {
  app.register(async (scope) => {
    // Any content type is taken, because the signature covers the bytes, and an unreadable body is a delivery, too.
    scope.addHook('onRequest', async ({ headers }) => {
      if (headers['content-type'] !== undefined) headers['content-type'] = 'application/octet-stream';
    });
    // This comes before the body is read, so nobody can make the service hold bodies for an address that does not exist.
    scope.addHook('onRequest', async ({ params, log }, reply) => {
      const { subscriptionId } = params as { subscriptionId: string };
      if (await deps.receiveDelivery.isKnown(subscriptionId)) return;
      const verdict = 'subscription_unknown';
      metrics.deliveries.inc({ verdict });
      log.info({ tenantId: null, subscriptionId, verdict, event: null }, 'delivery');
      reply.header('connection', 'close');
      throw new ProblemError('subscription_unknown');
    });
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MOST_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    scope.post(
      '/webhooks/calendly/:subscriptionId',
      {
        bodyLimit: MOST_BYTES,
        schema: {
          operationId: 'receiveDelivery',
          tags: ['Calendly'],
          summary: 'A delivery from Calendly',
          params: Type.Object({ subscriptionId: Type.String() }),
        },
      },
      async (request, reply) => {
        const { subscriptionId } = request.params as { subscriptionId: string };
        const signature = request.headers['calendly-webhook-signature'];
        const started = performance.now();
        const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const { status, verdict, tenantId } = await deps.receiveDelivery({
          subscriptionId,
          rawBody,
          signatureHeader: Array.isArray(signature) ? signature.join(',') : signature,
        });
        const took = performance.now() - started;
        metrics.deliverySeconds.observe(took / 1000);
        if (took > SLOW_MS && tenantId !== null) {
          // Not awaited, because that would make the answer even slower.
          noteSlowDelivery(deps.db, subscriptionId, deps.now()).catch((error: unknown) =>
            request.log.warn({ err: error }, 'a slow delivery could not be recorded'),
          );
        }
        // A stored delivery is counted and logged later, with its result.
        if (status !== 200) {
          metrics.deliveries.inc({ verdict });
          request.log.info({ tenantId, subscriptionId, verdict, event: null }, 'delivery');
        }
        if (status !== 200) throw new ProblemError(REFUSALS[status]);
        return reply.code(200).send({});
      },
    );
  });
}
