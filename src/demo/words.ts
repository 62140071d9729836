/** What states and events mean, for somebody who sees them for the first time. */
const stateWords: Record<string, string> = {
  disconnected: 'Not connected.',
  'disconnected.settling': 'Disconnected already. The last things at Calendly are being removed.',
  'authorizing.awaitingConsent': 'Waiting for a yes on Calendly’s consent page.',
  'authorizing.confirmingAccount': 'Somebody signed in with another Calendly account. Which one is right?',
  authorizing: 'Consent was given. The connection is being made.',
  refreshing: 'Using the stored tokens. No browser is needed.',
  syncingWebhooks: 'Making sure that exactly one webhook exists.',
  'connected.webhooks': 'Connected. Bookings arrive by webhook.',
  'connected.polling':
    'Connected. This Calendly plan has no webhooks, so meetings are fetched every quarter of an hour, or when you press Fetch now.',
  'error.retrying': 'Calendly does not answer as it should. It is tried again by itself.',
  'error.needsReauthorization': 'Calendly no longer accepts the stored tokens. Somebody has to say yes again.',
  'error.needsPermission': 'Calendly refuses something that is needed. A person has to grant it.',
  'error.needsAttention': 'A person has to look at this one.',
};

export const describeState = (state: string, substate: string | null): string =>
  stateWords[`${state}.${substate}`] ?? stateWords[state] ?? '';

const eventWords: Record<string, string> = {
  connect: 'your product asked to connect',
  disconnect: 'your product asked to disconnect',
  'consent.granted': 'the person came back from Calendly with a code',
  'consent.denied': 'the person said no',
  'consent.expired': 'nobody answered in time',
  'token.issued': 'the code was exchanged for tokens',
  'token.refreshed': 'new tokens are stored',
  'token.refreshRejected': 'Calendly refused the stored token',
  'account.identified': 'Calendly said whose account it is',
  'account.confirmed': 'the other account was accepted',
  'account.declined': 'the other account was declined',
  'subscriptions.listed': 'the webhooks that exist were looked at',
  'subscription.created': 'one webhook was created',
  'permission.refused': 'Calendly refused a webhook',
  resync: 'somebody asked to look at Calendly now',
  configure: 'your product changed the settings of this customer',
  'call.failed': 'Calendly failed',
  'retry.due': 'the wait was over, so it was tried again',
  'debt.settled': 'what was left at Calendly is gone',
};

export const describeEvent = (type: string): string => eventWords[type] ?? type;
