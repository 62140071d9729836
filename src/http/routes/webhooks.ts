import { Type } from 'typebox';
import { bookingTime } from '../../deliveries/booking-time.ts';
import { noteSlowDelivery, SLOW_MS } from '../../deliveries/note-slow-delivery.ts';
import { receiveDelivery } from '../../deliveries/receive-delivery.ts';
import { ProblemError } from '../../errors.ts';
import type { App } from '../app-type.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { Metrics } from '../../metrics.ts';

const MOST_BYTES = 1024 * 1024;
const REFUSALS = { 401: 'signature_refused', 404: 'subscription_unknown', 410: 'subscription_retired' } as const;

/** Calendly's side of the house: raw bytes in, 200 only once they are on disk. */
export function webhooksRoute(app: App, deps: HttpDeps, metrics: Metrics): void {
  app.register(async (scope) => {
    // Whatever it calls itself: the signature is over bytes, and a body that cannot be read is still a delivery.
    scope.addHook('onRequest', async ({ headers }) => {
      if (headers['content-type'] !== undefined) headers['content-type'] = 'application/octet-stream';
    });
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MOST_BYTES }, (_request, body, done) => done(null, body));
    scope.post('/webhooks/calendly/:subscriptionId', {
      bodyLimit: MOST_BYTES,
      schema: { summary: 'A delivery from Calendly', params: Type.Object({ subscriptionId: Type.String() }) },
    }, async (request, reply) => {
      const { subscriptionId } = request.params as { subscriptionId: string };
      const signature = request.headers['calendly-webhook-signature'];
      const started = performance.now();
      const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const { status, verdict, tenantId, event, applied } = await receiveDelivery(deps, {
        subscriptionId,
        rawBody,
        signatureHeader: Array.isArray(signature) ? signature.join(',') : signature,
      });
      metrics.deliveries.inc({ verdict });
      // A copy, or a meeting that a back-fill brought before, was visible already.
      const bookedAt = verdict === 'applied' && applied?.isNew ? bookingTime(rawBody) : null;
      if (bookedAt !== null) metrics.bookingToVisible.observe(Math.max(0, deps.now().getTime() - bookedAt.getTime()) / 1000);
      request.log.info({ tenantId, subscriptionId, verdict, event }, 'delivery');
      const took = performance.now() - started;
      metrics.deliverySeconds.observe(took / 1000);
      if (took > SLOW_MS && tenantId !== null) await noteSlowDelivery(deps.db, subscriptionId, deps.now());
      if (status !== 200) throw new ProblemError(REFUSALS[status]);
      return reply.code(200).send({});
    });
  });
}
