import type { ConnectionView } from '../connection/reads/view-connection.ts';
import type { ExchangeItem } from '../exchanges/list-exchanges.ts';
import type { HistoryItem } from '../connection/reads/list-history.ts';
import type { Meeting } from '../meetings/meeting.ts';
import type { AccountView, Sandbox } from '../sandbox/index.ts';
import type { HostApi } from './host-api.ts';
import { tellStory, type Story } from './story.ts';
import { followTour, type Tour } from './tour.ts';

export interface ShownMeeting extends Meeting {
  /** From the booking at Calendly until the service had it; null if no webhook brought it. */
  secondsAfterBooking: number | null;
}

/** Everything that the page shows of one tenant. */
export interface TenantView {
  tenantId: string;
  connection: ConnectionView | null;
  meetings: ShownMeeting[];
  story: Story | null;
  tour: Tour;
  /** Requests to Calendly since the story began, oldest first. */
  calls: ExchangeItem[];
  /** How many webhooks of this tenant Calendly has now, counted in the sandbox. */
  webhooksAtCalendly: number;
  /** True if Calendly has ended the tokens of a connected tenant and the service does not know it yet. Read from the sandbox. */
  tokensEnded: boolean;
  /** The account at Calendly that the tenant is linked with. */
  account: AccountView | null;
}

/** A host knows the service only by its API. Everything about "Calendly" is read from the sandbox, to compare the two. */
export async function readTenantView(api: HostApi, { controls }: Sandbox, tenantId: string): Promise<TenantView> {
  const connection = await api.connection(tenantId);
  const [meetings, history, exchanges] =
    connection === null
      ? [[], [], []]
      : await Promise.all([api.meetings(tenantId), api.history(tenantId), api.exchanges(tenantId)]);
  const story = tellStory(history);
  const bookedAt = new Map(controls.meetings().map(({ inviteeUri, createdAt }) => [inviteeUri, Date.parse(createdAt)]));
  const ids = subscriptionIds(history);
  const account = controls.accounts.list().find(({ uri }) => uri === connection?.account?.uri) ?? null;
  return {
    tenantId,
    connection,
    story,
    meetings: meetings.map((meeting) => ({
      ...meeting,
      secondsAfterBooking: secondsAfter(bookedAt.get(meeting.inviteeUri), meeting),
    })),
    tour: followTour(history, { isConnected: connection?.state === 'connected', hasMeetings: meetings.length > 0 }),
    calls:
      story === null
        ? []
        : exchanges.filter((call) => isOfTheService(call) && call.startedAt >= story.startedAt).reverse(),
    webhooksAtCalendly: controls
      .subscriptions()
      .filter(
        (hook) => hook.uri === connection?.subscription?.uri || ids.has(hook.callback_url.split('/').at(-1) ?? ''),
      ).length,
    tokensEnded:
      account !== null && connection?.state === 'connected' && controls.tokens(account.slug).liveRefreshTokens === 0,
    account,
  };
}

/** A person who compares in the inspector calls Calendly, too. The service itself did not make these calls. */
const isOfTheService = ({ effectId }: ExchangeItem): boolean => effectId !== null;

/** Ids of the subscriptions that were created for this tenant, as far back as the history was read. */
function subscriptionIds(history: readonly HistoryItem[]): Set<string> {
  const effects = history.flatMap(
    ({ actions }) =>
      (actions as { effects?: { type: string; params: { subscriptionId?: string } }[] } | null)?.effects ?? [],
  );
  return new Set(
    effects.filter(({ type }) => type === 'createSubscription').map(({ params }) => params.subscriptionId ?? ''),
  );
}

function secondsAfter(bookedAt: number | undefined, { source, receivedAt }: Meeting): number | null {
  if (bookedAt === undefined || source !== 'webhook') return null;
  return Math.max(0, Date.parse(receivedAt) - bookedAt) / 1000;
}
