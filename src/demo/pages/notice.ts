import { html, type Html } from '../../html/html.ts';

/** What the query of the page may say of the action before it; anything else is not shown. */
const NOTICES: Record<string, { tone: 'good' | 'bad' | 'plain'; text: string }> = {
  connected: { tone: 'good', text: 'Connected: one trip to the consent page, one webhook.' },
  connected_polling: {
    tone: 'good',
    text: 'Connected: one trip to the consent page. This plan refuses webhooks, so meetings are fetched instead.',
  },
  booked_polling: {
    tone: 'good',
    text: 'Booked at Calendly. Without a webhook nobody tells us: it appears with the next fetch, or when you press Fetch now.',
  },
  fetching: { tone: 'plain', text: 'Meetings are being fetched now.' },
  failing: { tone: 'plain', text: 'Calendly fails now, twice. The connection is tried again by itself; just watch.' },
  pending: {
    tone: 'plain',
    text: 'Calendly is slow or failing just now. The connection is made as soon as it answers.',
  },
  denied: { tone: 'plain', text: 'Nothing was allowed at Calendly, so nothing was changed here.' },
  failed: { tone: 'bad', text: 'Calendly could not be connected.' },
  account_mismatch: { tone: 'plain', text: 'That is a different Calendly account. Please decide below.' },
  not_yours: {
    tone: 'bad',
    text: 'That consent came back in another browser than the one that pressed Connect, so nothing was linked.',
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
    text: 'Calendly has ended all tokens of this account. Press Reconnect to see what the service makes of it.',
  },
  disconnected: { tone: 'good', text: 'Disconnected: the webhook is deleted, the tokens are revoked and wiped.' },
  settling: { tone: 'plain', text: 'Disconnected here. Something is still left at Calendly, as shown below.' },
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
