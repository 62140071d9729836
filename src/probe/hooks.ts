import { randomBytes } from 'node:crypto';
import type { Answer, Pair } from './probe-api.ts';
import type { Probe } from './probe.ts';
import { at } from './at.ts';

export interface NewHook {
  /** Small letters, because it is part of the address. */
  name: string;
  scope?: 'user' | 'organization';
  events?: string[];
  url?: string;
  signingKey?: string;
  pair?: Pair;
}

export const hookUrl = ({ settings, record }: Probe, name: string): string =>
  `${settings.publicUrl}/probe/${record.run}/${name}`;

/** Makes a subscription, and notes at once that it has to be deleted. */
export async function makeHook(probe: Probe, step: string, hook: NewHook): Promise<Answer & { uri: string | null }> {
  const { name, scope = 'user', events = ['invitee.created'], url = hookUrl(probe, name), pair } = hook;
  const { owner, organization } = pair ?? (await probe.api.account());
  const signing_key = hook.signingKey ?? randomBytes(32).toString('hex');
  const answer = await probe.api.call(step, '/webhook_subscriptions', {
    method: 'POST',
    body: { url, events, organization, scope, ...(scope === 'user' && { user: owner }), signing_key },
    ...(pair && { pair }),
  });
  const uri: string | null = answer.status === 201 ? String(at(answer.body, 'resource', 'uri')) : null;
  if (uri !== null) {
    probe.record.hooks.push(uri);
    probe.save();
  }
  return { ...answer, uri };
}

export const readHook = (probe: Probe, step: string, uri: string): Promise<Answer> =>
  probe.api.call(step, `/webhook_subscriptions/${idOf(uri)}`);

/** Deletes subscriptions that the probe made, and no others. */
export async function deleteHooks(probe: Probe, step: string, uris: readonly string[]): Promise<void> {
  for (const uri of uris.filter((each) => probe.record.hooks.includes(each))) {
    const { status } = await probe.api.call(step, `/webhook_subscriptions/${idOf(uri)}`, { method: 'DELETE' });
    if (status !== 204 && status !== 404) continue;
    probe.record.hooks = probe.record.hooks.filter((each) => each !== uri);
    probe.save();
  }
}

export const idOf = (uri: string): string => encodeURIComponent(uri.split('/').filter(Boolean).at(-1) ?? '');
