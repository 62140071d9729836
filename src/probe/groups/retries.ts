import { parseSignatureHeader } from '../../calendly/signature-header.ts';
import type { Switches } from '../../sandbox/index.ts';
import { deleteHooks, makeHook, readHook } from '../hooks.ts';
import type { Findings, Group, Probe } from '../probe.ts';
import type { ReceivedDelivery } from '../receiver.ts';
import type { RetryAttempt } from '../probe-record.ts';
import { waitFor } from '../wait-for.ts';
import { bookAndReceive, cancel } from './deliveries.ts';
import { at } from '../at.ts';

const HOOK = 'retries';
/** How exactly the schedule's times are given. */
const STEP_MS = 500;

export const retries: Group = {
  name: 'retries',
  does: 'Makes a subscription, asks you to book one meeting, and refuses its delivery until Calendly gives up: about a day. Leave the probe running.',
  finds: ['retryDelaysSeconds', 'giveUpAfterSeconds', 'retrySignature', 'deliveryReadTimeoutMs', 'disabledConflicts'],
  async run(probe): Promise<Findings> {
    watch(probe);
    if (probe.record.retries === null) {
      const { uri, status } = await makeHook(probe, 'create for retries', { name: HOOK });
      if (uri === null) return { switches: {}, notes: [`No subscription: ${status}.`] };
      probe.record.retries = { hook: uri, attempts: [], interrupted: false };
      probe.save();
    }
    if (probe.record.retries.attempts.length === 0) {
      const booked = await bookAndReceive(probe, HOOK);
      if (booked === null) return finish(probe, { switches: {}, notes: ['No delivery came.'] });
      await cancel(probe, booked);
    } else {
      probe.record.retries.interrupted = true;
    }
    const state = await untilDisabled(probe);
    const findings = judge(probe.record.retries);
    if (state !== 'disabled') findings.notes.push(`The subscription was never disabled: it is ${state}.`);
    else {
      const again = await makeHook(probe, 'create beside a disabled one', { name: HOOK });
      if (again.status === 201 || again.status === 409) findings.switches.disabledConflicts = again.status === 409;
    }
    return finish(probe, findings);
  },
};

/** The first attempt gets no answer at all, to see how long Calendly waits. The others get 500. */
function watch(probe: Probe): void {
  probe.receiver.meet(HOOK, (delivery) => {
    const retrying = probe.record.retries;
    if (retrying === null) return { status: 500 };
    const attempt: RetryAttempt = { at: delivery.at, signedAt: signedAt(delivery), heldMs: null };
    // Only deliveries of the first meeting count. Its cancellation is not subscribed to.
    retrying.attempts.push(attempt);
    probe.save();
    if (retrying.attempts.length > 1) return { status: 500 };
    return {
      holdMs: probe.settings.waits.holdSeconds * 1000,
      onGaveUp: (heldMs) => {
        attempt.heldMs = heldMs;
        probe.save();
      },
    };
  });
}

function signedAt({ signature }: ReceivedDelivery): number | null {
  const header = signature === undefined ? null : parseSignatureHeader(signature);
  return header === null ? null : Number(header.timestamp);
}

async function untilDisabled(probe: Probe): Promise<string> {
  const { retriesSeconds, retriesPollSeconds } = probe.settings.waits;
  const left = retriesSeconds - (Date.now() - probe.record.retries!.attempts[0]!.at) / 1000;
  let state = 'unknown';
  await waitFor(
    Math.max(0, left),
    async () => {
      const { status, body } = await readHook(probe, 'GET while it is tried again', probe.record.retries!.hook);
      state = status === 200 ? String(at(body, 'resource', 'state')) : `answered with ${status}`;
      return state === 'disabled' || status === 404 ? true : undefined;
    },
    retriesPollSeconds * 1000,
  );
  return state;
}

async function finish(probe: Probe, findings: Findings): Promise<Findings> {
  await deleteHooks(probe, 'delete', [...probe.record.hooks]);
  probe.record.retries = null;
  return findings;
}

function judge({ attempts, interrupted }: NonNullable<Probe['record']['retries']>): Findings {
  const switches: Partial<Switches> = {};
  const notes = [`Attempts came at ${attempts.map((each) => new Date(each.at).toISOString()).join(', ')}.`];
  const held = attempts[0]?.heldMs ?? null;
  if (held !== null) switches.deliveryReadTimeoutMs = Math.max(1, Math.round(held / STEP_MS)) * STEP_MS;
  if (attempts.length < 2) return { switches, notes };
  const times = new Set(attempts.map((each) => each.signedAt));
  switches.retrySignature = times.size === 1 ? 'original' : 'renewed';
  if (interrupted) {
    notes.push('The probe was broken off meanwhile and may have missed attempts: no schedule follows.');
    return { switches, notes };
  }
  const gaps = attempts
    .slice(1)
    .map((each, index) => seconds(each.at - attempts[index]!.at - (attempts[index]!.heldMs ?? 0)));
  // The last attempt comes at the end of the time, whatever the schedule says.
  if (gaps.length > 1 && gaps.at(-1)! < gaps.at(-2)!) gaps.pop();
  while (gaps.length > 1 && gaps.at(-1) === gaps.at(-2)) gaps.pop();
  switches.retryDelaysSeconds = gaps;
  switches.giveUpAfterSeconds = seconds(attempts.at(-1)!.at - attempts[0]!.at);
  return { switches, notes };
}

/** The network adds some time, and every schedule may vary a little. So more digits would be wrong. */
function seconds(milliseconds: number): number {
  return Number(Math.max(1, Math.round(milliseconds / 1000)).toPrecision(2));
}
