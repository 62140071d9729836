import type { Switches } from '../../sandbox/index.ts';
import { deleteHooks, hookUrl, makeHook, readHook } from '../hooks.ts';
import type { Answer } from '../probe-api.ts';
import type { Findings, Group, Probe } from '../probe.ts';
import { waitFor } from '../wait-for.ts';
import { at, urisOf } from '../at.ts';

export const subscriptions: Group = {
  name: 'subscriptions',
  does: 'Makes up to five webhook subscriptions (one of them for the organization), lists them, and deletes them again.',
  finds: ['conflictKey', 'requireHttpsCallback', 'webhooksOnFreePlan', 'listLagSeconds', 'ignoreDelete'],
  async run(probe): Promise<Findings> {
    const switches: Partial<Switches> = {};
    const notes: string[] = [];
    const first = await makeHook(probe, 'create', { name: 'first' });
    const isPlain = hookUrl(probe, '').startsWith('http:');
    const isFree = await isOnFreePlan(probe);
    if (first.status === 403 && /upgrade/i.test(String(at(first.body, 'message')))) switches.webhooksOnFreePlan = false;
    else if (first.status === 201 && isFree) switches.webhooksOnFreePlan = true;
    if (first.uri === null) {
      if (first.status === 400 && isPlain) switches.requireHttpsCallback = true;
      return {
        switches,
        notes: [`The first subscription was answered with ${first.status}: nothing more was learned.`],
      };
    }

    const lag = await secondsUntilListed(probe, first.uri);
    if (lag === null) notes.push('The new subscription never appeared in the list.');
    else switches.listLagSeconds = lag;
    const conflictKey = await findConflictKey(probe, notes);
    if (conflictKey !== null) switches.conflictKey = conflictKey;
    const plain = await makeHook(probe, 'create for http://', {
      name: 'plain',
      url: hookUrl(probe, 'plain').replace('https:', 'http:'),
      events: ['invitee.canceled'],
    });
    if (plain.status === 201 || plain.status === 400) switches.requireHttpsCallback = plain.status === 400;
    await deleteHooks(probe, 'DELETE /webhook_subscriptions/{uuid}', [...probe.record.hooks]);
    const { status } = await readHook(probe, 'GET of a deleted subscription', first.uri);
    if (status === 404 || status === 200) switches.ignoreDelete = status === 200;
    return { switches, notes };
  },
};

async function isOnFreePlan({ api }: Probe): Promise<boolean> {
  const { organization } = await api.account();
  const { body } = await api.call('the plan', `/organizations/${organization.split('/').at(-1)}`);
  return at(body, 'resource', 'stage') === 'free';
}

/** Whole seconds; 0 if the first look finds it. */
async function secondsUntilListed({ api, settings }: Probe, uri: string): Promise<number | null> {
  const { owner, organization } = await api.account();
  const from = performance.now();
  let looks = 0;
  const listed = await waitFor(
    settings.waits.deliverySeconds,
    async () => {
      looks += 1;
      const query = { organization, user: owner, scope: 'user', count: '100' };
      const { body } = await api.call('GET /webhook_subscriptions', '/webhook_subscriptions', { query });
      return urisOf(body).includes(uri) || undefined;
    },
    200,
  );
  if (listed === null) return null;
  return looks === 1 ? 0 : Math.max(1, Math.round((performance.now() - from) / 1000));
}

/** The same subscription again must conflict. Which of two similar ones conflicts as well tells what Calendly compares. */
async function findConflictKey(probe: Probe, notes: string[]): Promise<Switches['conflictKey'] | null> {
  const same = await makeHook(probe, 'create the same again', { name: 'first' });
  const otherUrl = await makeHook(probe, 'create the same for another URL', { name: 'second' });
  const otherScope = await makeHook(probe, 'create for the same URL and the organization', {
    name: 'first',
    scope: 'organization',
  });
  if (same.status !== 409) notes.push(`The same subscription again was answered with ${same.status}, not with 409.`);
  else if (otherUrl.status === 409) return 'user+scope+events';
  else if (isAnswered(otherScope)) return otherScope.status === 409 ? 'url' : 'url+scope';
  else
    notes.push(
      `The same URL for the organization was answered with ${otherScope.status}: the account is no administrator?`,
    );
  return null;
}

const isAnswered = ({ status }: Answer) => status === 201 || status === 409;
