/** In place of your database: the meetings of each tenant, as the events tell them. */
const tenants = new Map();

const tenant = (id) => {
  if (!tenants.has(id)) tenants.set(id, { accountUri: null, meetings: new Map() });
  return tenants.get(id);
};

export const meetingsOf = (tenantId) =>
  [...tenant(tenantId).meetings.values()].filter(({ status }) => status === 'active');

/** An event can come twice, or late. A stored meeting is replaced only by one that is not older, so neither does harm. */
export function takeEvent({ type, tenantId, data }) {
  const { accountUri, meetings } = tenant(tenantId);
  const store = (meeting) => {
    const known = meetings.get(meeting.id);
    if (known === undefined || known.updatedAt <= meeting.updatedAt) meetings.set(meeting.id, meeting);
  };
  if (type === 'connection.account_changed') {
    tenants.set(tenantId, { accountUri: data.account.uri, meetings: new Map() });
  } else if (type.startsWith('meeting.') && (accountUri === null || accountUri === data.accountUri)) {
    if (type === 'meeting.rescheduled') store(data.previous);
    store(data);
  }
}
