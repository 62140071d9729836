import type { AppliedDelivery } from '../deliveries/apply-deliveries.ts';
import { recordSpan } from '../tracing/traced.ts';
import type { Logger } from '../logger/create-logger.ts';
import type { Metrics } from '../metrics/create-metrics.ts';

/** Counts and logs applied deliveries, each once, on the instance that applied it. */
export function reportDeliveries(metrics: Metrics, log: Logger, now: () => Date) {
  return {
    onApplied({ id, tenantId, subscriptionId, verdict, event, bookedAt, meeting, ...received }: AppliedDelivery): void {
      recordSpan('delivery applied', {
        parent: received.traceparent,
        start: received.receivedAt,
        attributes: {
          'tenant.id': tenantId,
          'delivery.id': id,
          'delivery.verdict': verdict,
          'delivery.event': event ?? '',
        },
      });
      metrics.deliveries.inc({ verdict });
      // Not for copies and for meetings that a back-fill has brought: they were visible before.
      const isNews = verdict === 'applied' && meeting?.isNew === true;
      if (isNews && bookedAt !== null)
        metrics.bookingToVisible.observe(Math.max(0, now().getTime() - bookedAt.getTime()) / 1000);
      log.info({ tenantId, subscriptionId, deliveryId: id, verdict, event }, 'delivery');
    },
    onFailed: (deliveryId: number, error: unknown): void =>
      log.error({ err: error, deliveryId }, 'a delivery could not be applied, and the service tries again'),
    onError: (error: unknown): void => log.warn({ err: error }, 'stored deliveries could not be applied yet'),
  };
}
