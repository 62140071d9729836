import { randomBytes } from 'node:crypto';
import { verifyDelivery } from '../../calendly/signature.ts';
import type { Switches } from '../../sandbox/index.ts';
import { deleteHooks, idOf, makeHook } from '../hooks.ts';
import type { Findings, Group, Probe } from '../probe.ts';
import type { ReceivedDelivery } from '../receiver.ts';
import { waitFor } from '../wait-for.ts';
import { at, urisOf } from '../at.ts';

/** With a letter beyond ASCII and a character that HTML escapes, so that the bytes show how bodies are written. */
const guestName = ({ record }: Probe): string => `Probé & ${record.run.slice(0, 6)}`;

export const deliveries: Group = {
  name: 'deliveries',
  does: 'Makes a subscription, asks you to book one meeting, looks at it, cancels it, and deletes the subscription.',
  finds: ['signingKeyPrecedence', 'bodyEscaping', 'minStartTime'],
  async run(probe): Promise<Findings> {
    const signingKey = randomBytes(32).toString('hex');
    const events = ['invitee.created', 'invitee.canceled'];
    const hook = await makeHook(probe, 'create for deliveries', { name: 'deliveries', events, signingKey });
    if (hook.uri === null) return { switches: {}, notes: [`No subscription: ${hook.status}.`] };
    const created = await bookAndReceive(probe, 'deliveries');
    if (created === null) {
      await deleteHooks(probe, 'delete', [hook.uri]);
      return { switches: {}, notes: ['No delivery came.'] };
    }
    const findings = judge(probe, created, signingKey);
    const event = readEvent(created);
    if (event !== null) {
      const minStartTime = await findStart(probe, event);
      if (minStartTime !== null) findings.switches.minStartTime = minStartTime;
      await cancel(probe, created);
      await waitFor(probe.settings.waits.deliverySeconds, () => ofEvent(probe, 'deliveries', 'invitee.canceled'));
    }
    await deleteHooks(probe, 'delete', [hook.uri]);
    return findings;
  },
};

/** Books and waits for the delivery of this meeting. Null if none came in time. */
export async function bookAndReceive(probe: Probe, hook: string): Promise<ReceivedDelivery | null> {
  const { body } = await probe.api.call('GET /users/me', '/users/me');
  await probe.person.books(String(at(body, 'resource', 'scheduling_url')), guestName(probe));
  const { personSeconds, deliverySeconds } = probe.settings.waits;
  return waitFor(personSeconds + deliverySeconds, () => ofEvent(probe, hook, 'invitee.created'));
}

const ofEvent = (probe: Probe, hook: string, event: string) =>
  probe.receiver.received.find((each) => each.hook === hook && at(each.body, 'event') === event && isOurs(probe, each));

const isOurs = (probe: Probe, delivery: ReceivedDelivery) =>
  String(at(delivery.body, 'payload', 'name')).endsWith(probe.record.run.slice(0, 6));

function judge(
  { settings, record }: Probe,
  { raw, signature, userAgent, body }: ReceivedDelivery,
  own: string,
): Findings {
  const switches: Partial<Switches> = {};
  const notes = [`Deliveries come from "${userAgent}".`];
  const application = settings.applicationKeys.map(
    (value) => ({ id: 'application', of: 'application', value }) as const,
  );
  const verified = verifyDelivery(
    raw,
    signature,
    [{ id: 'own', of: 'subscription', value: own }, ...application],
    new Date(),
  );
  if ('refused' in verified) {
    const hint =
      settings.applicationKeys.length === 0
        ? ' Give the application key as CALENDLY_WEBHOOK_SIGNING_KEY to try that one.'
        : '';
    notes.push(`No known key made the signature (${verified.refused}).${hint}`);
  } else switches.signingKeyPrecedence = verified.key.of === 'application' ? 'app' : 'subscription';
  const text = raw.toString('utf8');
  if (at(body, 'payload', 'name') === `Probé & ${record.run.slice(0, 6)}`) {
    switches.bodyEscaping = /\\u00e9/i.test(text) ? 'ascii' : /\\u0026/.test(text) ? 'html' : 'none';
  } else notes.push('The meeting was booked under another name, so how bodies are escaped was not seen.');
  return { switches, notes };
}

function readEvent(delivery: ReceivedDelivery): { uri: string; start: string } | null {
  const uri = at(delivery.body, 'payload', 'scheduled_event', 'uri');
  const start = at(delivery.body, 'payload', 'scheduled_event', 'start_time');
  return typeof uri === 'string' && typeof start === 'string' ? { uri, start } : null;
}

/** True if a list that begins exactly at the event's start has the event. */
async function findStart(
  { api }: Probe,
  event: { uri: string; start: string },
): Promise<Switches['minStartTime'] | null> {
  const { owner } = await api.account();
  const query = { user: owner, min_start_time: event.start, count: '100' };
  const { status, body } = await api.call('GET /scheduled_events', '/scheduled_events', { query });
  if (status !== 200) return null;
  return urisOf(body).includes(event.uri) ? 'inclusive' : 'exclusive';
}

export async function cancel({ api }: Probe, delivery: ReceivedDelivery): Promise<void> {
  const event = readEvent(delivery);
  if (event === null) return;
  await api.call('cancellation', `/scheduled_events/${idOf(event.uri)}/cancellation`, {
    method: 'POST',
    body: { reason: 'Made by a probe' },
  });
}
