import type { Meeting, ReconnectEvent } from 'calendly-reconnect/events';

/** In place of your database: the meetings of each tenant, as the events tell them. */
const tenants = new Map<string, { accountUri: string | null; meetings: Map<string, Meeting> }>();

function tenant(id: string) {
  const known = tenants.get(id) ?? { accountUri: null, meetings: new Map<string, Meeting>() };
  tenants.set(id, known);
  return known;
}

export const meetingsOf = (tenantId: string): Meeting[] =>
  [...tenant(tenantId).meetings.values()].filter(({ status }) => status === 'active');

/** An event can come twice, or late. A stored meeting is replaced only by one that is not older, so neither does harm. */
export function takeEvent(event: ReconnectEvent): void {
  const { accountUri, meetings } = tenant(event.tenantId);
  const store = (meeting: Meeting): void => {
    const known = meetings.get(meeting.id);
    if (known === undefined || known.updatedAt <= meeting.updatedAt) meetings.set(meeting.id, meeting);
  };
  switch (event.type) {
    case 'connection.account_changed':
      tenants.set(event.tenantId, { accountUri: event.data.account.uri, meetings: new Map() });
      return;
    case 'meeting.created':
    case 'meeting.updated':
    case 'meeting.canceled':
    case 'meeting.no_show':
    case 'meeting.rescheduled':
      // Of the account before: still on its way when the account was changed.
      if (accountUri !== null && accountUri !== event.data.accountUri) return;
      if (event.type === 'meeting.rescheduled') store(event.data.previous);
      store(event.data);
      return;
    case 'connection.warning':
      console.warn(`${event.tenantId}: ${event.data.message}`);
      return;
    case 'connection.state_changed':
      // The settings page asks for the state itself. This is the place to write to a customer who has to reconnect.
      return;
  }
}
