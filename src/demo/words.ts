/** The meaning of states and events, for a person who sees them for the first time. */
const stateWords: Record<string, string> = {
  disconnected: 'Not connected.',
  'disconnected.settling': 'Disconnected. What is left at Calendly is being removed.',
  'authorizing.awaitingConsent': 'Waiting for consent on Calendly’s page.',
  'authorizing.confirmingAccount': 'Somebody signed in with another Calendly account. Which one is right?',
  authorizing: 'Consent was given. The connection is being made.',
  refreshing: 'Using the stored tokens. No browser is needed.',
  syncingWebhooks: 'Making sure that exactly one webhook exists.',
  'connected.webhooks': 'Connected. Bookings arrive by webhook.',
  'connected.polling':
    'Connected. This Calendly plan has no webhooks, so meetings are fetched every 15 minutes, or when you press Fetch now.',
  'error.retrying': 'Calendly does not answer as it should. The service tries again.',
  'error.needsReauthorization': 'Calendly no longer accepts the stored tokens. Somebody has to consent again.',
  'error.needsPermission': 'Calendly refuses something that is needed. A person has to grant it.',
  'error.needsAttention': 'An operator has to look at this.',
};

export const describeState = (state: string, substate: string | null): string =>
  stateWords[`${state}.${substate}`] ?? stateWords[state] ?? '';

const eventWords: Record<string, string> = {
  connect: 'your product asked to connect',
  disconnect: 'your product asked to disconnect',
  'consent.granted': 'the person came back from Calendly with a code',
  'consent.denied': 'the person refused',
  'consent.expired': 'nobody answered in time',
  'token.issued': 'the code was exchanged for tokens',
  'token.refreshed': 'new tokens are stored',
  'token.refreshRejected': 'Calendly refused the stored token',
  'account.identified': 'Calendly said whose account it is',
  'account.confirmed': 'the other account was accepted',
  'account.declined': 'the other account was declined',
  'subscriptions.listed': 'the existing webhooks were read',
  'subscription.created': 'one webhook was created',
  'permission.refused': 'Calendly refused a webhook',
  resync: 'somebody asked to check the webhooks now',
  configure: 'your product changed the settings of this customer',
  'call.failed': 'Calendly failed',
  'retry.due': 'the pause was over, so the service tried again',
  'debt.settled': 'what was left at Calendly is removed',
};

export const describeEvent = (type: string): string => eventWords[type] ?? type;
