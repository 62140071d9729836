import { html, type Html } from '../../html/html.ts';
import type { TenantView } from '../read-tenant-view.ts';
import { TOUR, type TourStep } from '../tour.ts';

const STEPS: Record<TourStep, { title: string; todo: string }> = {
  connect: {
    title: 'Connect',
    todo: 'Press Connect. The sandbox’s consent page opens; sign in as Alice, say, and allow.',
  },
  book: {
    title: 'Book',
    todo: 'Book a meeting as an invitee would. It appears here by itself, usually in well under a second.',
  },
  reconnect: {
    title: 'Reconnect',
    todo: 'Press Reconnect. The stored tokens still work, so nobody is sent to Calendly and no second webhook is made.',
  },
  switch: {
    title: 'Switch account',
    todo: 'Press Switch account and choose somebody else, Bob say. The former account’s webhook is deleted and its meetings are no longer shown.',
  },
  disconnect: {
    title: 'Disconnect',
    todo: 'Press Disconnect. The webhook is deleted at Calendly, then the tokens are revoked and wiped.',
  },
  heal: {
    title: 'Fail and heal',
    todo: 'Press Let Calendly fail. It answers 503 twice; watch the connection fall into error.retrying and come back by itself, within a quarter of a minute.',
  },
};

/** Where the story waits for somebody, whatever its next step is. */
const INTERRUPTED: Record<string, string> = {
  awaitingConsent:
    'Somebody has to answer the consent page. Was it closed? Open it again below; until then nothing has changed.',
  confirmingAccount:
    'Decide below: another account signed in than the one that is linked. The service never mixes the two by itself.',
  needsReauthorization:
    'The tokens are of no more use. Press Reconnect: now, and only now, consent is asked for again.',
  retrying: 'Nothing to do: the service tries again by itself. Or press Reconnect.',
};

/** Where a newcomer is in the story, and the one thing to do next. */
export function coach({ tour: { done, next }, connection, tokensEnded }: TenantView): Html {
  const steps = TOUR.map(
    (
      step,
    ) => html`<li class="${done.has(step) ? 'done' : step === next ? 'next' : 'later'}"${step === next ? html` aria-current="step"` : html``}>
<span class="mark" aria-hidden="true">${done.has(step) ? '✓' : String(TOUR.indexOf(step) + 1)}</span>${STEPS[step].title}${done.has(step) ? html`<span class="sr-only"> (done)</span>` : html``}</li>`,
  );
  const todo = tokensEnded
    ? 'Calendly has ended the tokens, and the service will find out when it needs them. Press Reconnect: they are refused, and consent is asked for again.'
    : (INTERRUPTED[connection?.substate ?? ''] ??
      (next === null
        ? 'That was the whole life of a connection. Everything that happened is in the inspector; start again whenever you like.'
        : STEPS[next].todo));
  return html`<ol class="steps">${steps}</ol><p class="todo">${todo}</p>`;
}
