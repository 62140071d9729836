import type { Kysely } from 'kysely';
import type { SigningKey } from '../../../src/calendly/signature.ts';
import type { SealedBox } from '../../../src/grants/sealed-box.ts';
import type { Database } from '../../../src/db/database.ts';
import type { AppliedDelivery } from '../../../src/deliveries/apply-deliveries.ts';
import { projectDeliveries } from '../../../src/deliveries/project-deliveries.ts';
import { receiveDeliveries, type DeliveryRequest } from '../../../src/deliveries/receive-delivery.ts';
import type { Verdict } from '../../../src/deliveries/verdict.ts';
import { waitFor } from '../service/wait-for.ts';

export interface TakenDelivery {
  status: number;
  verdict: Verdict | 'subscription_unknown';
  tenantId: string | null;
  event: string | null;
  /** What became of the meeting, for an applied or repeated delivery. */
  applied: AppliedDelivery['meeting'];
}

/** Receives deliveries and applies them, as the service does in two steps, and says what became of each. */
export function takeDeliveries(
  db: Kysely<Database>,
  box: SealedBox,
  applicationKeys: readonly SigningKey[] = [],
): (request: DeliveryRequest, now: Date) => Promise<TakenDelivery> {
  let clock = new Date();
  const receive = receiveDeliveries({
    db,
    box,
    applicationKeys: new Map([['default', applicationKeys]]),
    now: () => clock,
  });
  const outcomes = new Map<number, AppliedDelivery>();
  return async (request, now) => {
    clock = now;
    const received = await receive(request);
    if (received.status !== 200) return { ...received, event: null, applied: null };
    const { deliveryId, tenantId } = received;
    // Another call may have it in hand.
    await waitFor(async () => {
      const { applied, failed } = outcomes.has(deliveryId) ? { applied: [], failed: [] } : await projectDeliveries(db);
      for (const each of applied) outcomes.set(each.id, each);
      if (failed.length > 0) throw failed[0]!.error;
      return outcomes.has(deliveryId);
    });
    const { verdict, event, meeting } = outcomes.get(deliveryId)!;
    return { status: 200, verdict, tenantId, event, applied: meeting };
  };
}
