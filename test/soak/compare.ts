import type { SandboxMeeting } from '../../src/sandbox/index.ts';
import type { Meeting } from '../../src/meetings/meeting.ts';
import type { CalendlySide } from './calendly-side.ts';
import { inParallel } from './in-parallel.ts';
import type { Tenant, SoakWorld } from './world.ts';

export interface Comparison {
  /** Each a sentence that names the tenant. */
  differences: string[];
  /** What the API shows, by tenant. */
  shown: Map<Tenant, Meeting[]>;
  truth: Map<Tenant, SandboxMeeting[]>;
}

/** What the API shows of every tenant beside what Calendly has. */
export async function compare(world: SoakWorld, side: CalendlySide): Promise<Comparison> {
  const {
    sandbox: { controls },
    tenants,
    host,
  } = world;
  const differences: string[] = [];
  const byAccount = Map.groupBy(controls.meetings(), ({ account }) => account);
  const truth = new Map(tenants.map((tenant) => [tenant, byAccount.get(tenant.wanted) ?? []]));
  const shown = new Map<Tenant, Meeting[]>();
  await inParallel(tenants, 4, async (tenant) => {
    shown.set(tenant, await host.meetings(tenant.id));
    const now = await host.connection(tenant.id);
    if (now?.state !== 'connected')
      differences.push(`${tenant.id}: is ${now?.state}.${now?.substate} (${now?.lastError?.code ?? 'no error'})`);
    if (now?.account?.uri !== world.uriOf(tenant.wanted))
      differences.push(`${tenant.id}: is linked with ${now?.account?.email}, not with ${tenant.wanted}`);
    for (const debt of now?.debts ?? [])
      differences.push(
        `${tenant.id}: still owes ${debt.kind} ${debt.remoteId} (${debt.attempts} tries, ${debt.lastError?.code})`,
      );
  });
  for (const tenant of tenants) {
    differences.push(...meetingDifferences(tenant, truth.get(tenant)!, shown.get(tenant)!));
    differences.push(...subscriptionDifferences(world, tenant), ...tokenDifferences(world, side, tenant));
  }
  return { differences, shown, truth };
}

const FIELDS = {
  eventUri: (meeting) => meeting.eventUri,
  status: ({ status, eventStatus }) => (status === 'canceled' || eventStatus === 'canceled' ? 'canceled' : 'active'),
  name: ({ name }) => name,
  email: ({ email }) => email,
  startTime: ({ startTime }) => startTime,
  endTime: ({ endTime }) => endTime,
  timezone: ({ timezone }) => timezone,
  cancelUrl: ({ cancelUrl }) => cancelUrl,
  rescheduleUrl: ({ rescheduleUrl }) => rescheduleUrl,
  rescheduledFrom: ({ rescheduledFrom }) => rescheduledFrom,
  rescheduledTo: ({ rescheduledTo }) => rescheduledTo,
  noShow: ({ noShow }) => noShow !== null,
} satisfies { [Field in keyof Meeting]?: (meeting: SandboxMeeting) => Meeting[Field] };

function meetingDifferences({ id }: Tenant, truth: SandboxMeeting[], shown: Meeting[]): string[] {
  const differences: string[] = [];
  const left = new Map(shown.map((meeting) => [meeting.inviteeUri, meeting]));
  if (left.size !== shown.length) differences.push(`${id}: shows a meeting twice`);
  for (const meeting of truth) {
    const seen = left.get(meeting.inviteeUri);
    left.delete(meeting.inviteeUri);
    if (seen === undefined) {
      differences.push(
        `${id}: does not show ${meeting.status} ${meeting.inviteeUri} of ${meeting.startTime}, booked ${meeting.createdAt}`,
      );
      continue;
    }
    for (const [field, valueOf] of Object.entries(FIELDS)) {
      const [is, should] = [seen[field as keyof typeof FIELDS], valueOf(meeting)];
      if (is !== should)
        differences.push(
          `${id}: ${field} of ${meeting.inviteeUri} is ${String(is)}, at Calendly ${String(should)} since ${meeting.updatedAt}`,
        );
    }
  }
  for (const meeting of left.values())
    differences.push(`${id}: shows ${meeting.inviteeUri}, which this account does not have`);
  return differences;
}

/** One that exists, and is active, at the account that is linked; none at another. */
function subscriptionDifferences({ sandbox: { controls } }: SoakWorld, { id, accounts, wanted }: Tenant): string[] {
  return accounts.flatMap((account) => {
    const hooks = controls.subscriptions({ account });
    const words = hooks.map(({ uri, state }) => `${state} ${uri}`).join(', ') || 'none';
    const isRight = account === wanted ? hooks.length === 1 && hooks[0]!.state === 'active' : hooks.length === 0;
    return isRight ? [] : [`${id}: has at Calendly, for ${account}, the webhooks: ${words}`];
  });
}

/** So long an answer to a refresh may take. */
const LONGEST_CALL_MS = 60_000;

/** The linked account has one live refresh token; more only where an answer with tokens never reached us. */
function tokenDifferences(
  { sandbox: { controls } }: SoakWorld,
  side: CalendlySide,
  { id, accounts, wanted }: Tenant,
): string[] {
  const lost = side.lostTokenAnswers();
  return accounts.flatMap((account) => {
    const { liveRefreshTokens, pairs } = controls.tokens(account);
    const expected = account === wanted ? 1 : 0;
    const unreachable = lost.filter((answer) => answer.account === account).length;
    const differences =
      liveRefreshTokens >= expected && liveRefreshTokens <= expected + unreachable
        ? []
        : [
            `${id}: ${account} has ${liveRefreshTokens} live refresh tokens; ${expected} is held, and ${unreachable} answers were lost`,
          ];
    // Refused after it had been spent: the new tokens had not arrived.
    const wasted = pairs.filter(
      ({ presentations }) =>
        presentations.some(({ result }) => result === 'refreshed') && presentations.at(-1)?.result === 'invalid_grant',
    ).length;
    const cut = lost.filter((answer) => answer.account === account && answer.grantType === 'refresh_token').length;
    if (wasted > cut)
      differences.push(`${id}: ${account} lost ${wasted} grants, although only ${cut} answers to a refresh were lost`);
    for (const { presentations, refreshTokenFingerprint } of pairs) {
      const counted = presentations.filter(({ result }) => result !== 'rate_limited');
      const spent = counted.filter(({ result }) => result === 'refreshed').length;
      if (spent > 1) differences.push(`${id}: refresh token ${refreshTokenFingerprint} was spent ${spent} times`);
      // Once more after each answer that was lost, and never while one could still come.
      const isHasty = counted.some(
        ({ at }, index) => index > 0 && Date.parse(at) - Date.parse(counted[index - 1]!.at) < LONGEST_CALL_MS,
      );
      if (isHasty)
        differences.push(
          `${id}: refresh token ${refreshTokenFingerprint} was presented at ${counted.map(({ at }) => at).join(', ')}`,
        );
    }
    return differences;
  });
}
