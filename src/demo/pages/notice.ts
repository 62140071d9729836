import { html, type Html } from '../../html/html.ts';

/** What the page's query can say about the action before. Other values are not shown. */
const NOTICES: Record<string, { tone: 'good' | 'bad' | 'plain'; text: string }> = {
  connected: { tone: 'good', text: 'Connected, with one visit to the consent page and one webhook.' },
  connected_polling: {
    tone: 'good',
    text: 'Connected, with one visit to the consent page. This plan refuses webhooks, so meetings are fetched instead.',
  },
  booked_polling: {
    tone: 'good',
    text: 'Booked at Calendly. Without a webhook, it appears with the next fetch, or when you press Fetch now.',
  },
  fetching: { tone: 'plain', text: 'Meetings are being fetched now.' },
  failing: { tone: 'plain', text: 'Calendly now fails twice. The service tries again. Watch the right side.' },
  pending: {
    tone: 'plain',
    text: 'Calendly is slow or fails. The connection is made as soon as Calendly answers.',
  },
  denied: { tone: 'plain', text: 'Calendly’s consent page was refused, so nothing has changed.' },
  failed: { tone: 'bad', text: 'Calendly could not be connected.' },
  account_mismatch: { tone: 'plain', text: 'This is a different Calendly account. Please decide below.' },
  not_yours: {
    tone: 'bad',
    text: 'The consent came back in another browser than the one that pressed Connect, so nothing was linked.',
  },
  reconnected: { tone: 'good', text: 'Reconnected with the stored tokens. Nobody had to leave this page.' },
  booked: {
    tone: 'good',
    text: 'Booked at Calendly. It appears under Meetings as soon as the webhook has brought it.',
  },
  switched: { tone: 'good', text: 'The other account is connected. Only its meetings are shown now.' },
  kept: { tone: 'plain', text: 'The former account stays connected.' },
  revoked: {
    tone: 'plain',
    text: 'Calendly has ended all tokens of this account. Press Reconnect to see what the service does.',
  },
  disconnected: { tone: 'good', text: 'Disconnected: the webhook is deleted, and the tokens are revoked and deleted.' },
  settling: { tone: 'plain', text: 'Disconnected. Something is still left at Calendly, as shown below.' },
};

export function notice(
  did: string | undefined,
  reason: string | undefined,
  delivery: 'webhooks' | 'polling' | null = null,
): Html {
  const key = delivery === 'polling' && Object.hasOwn(NOTICES, `${did}_polling`) ? `${did}_polling` : did;
  const known = key !== undefined && Object.hasOwn(NOTICES, key) ? NOTICES[key] : undefined;
  if (!known) return html``;
  return html`<p class="notice ${known.tone}" role="status">${known.text}${reason && reason !== key && known.tone !== 'good' ? html` <code>${reason}</code>` : html``}</p>`;
}
