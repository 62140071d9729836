import { html, type Html } from '../../html/html.ts';
import type { TenantView } from '../read-tenant-view.ts';
import { TOUR, type TourStep } from '../tour.ts';

const STEPS: Record<TourStep, { title: string; todo: string }> = {
  connect: {
    title: 'Connect',
    todo: 'Press Connect. The sandbox’s consent page opens. Choose an account, for example Alice, and allow.',
  },
  book: {
    title: 'Book',
    todo: 'Book a meeting as an invitee. It appears here, usually in less than a second.',
  },
  reconnect: {
    title: 'Reconnect',
    todo: 'Press Reconnect. The stored tokens still work, so you do not see the consent page, and no second webhook is created.',
  },
  switch: {
    title: 'Switch account',
    todo: 'Press Switch account and choose another account, for example Bob. The former account’s webhook is deleted, and its meetings are no longer shown.',
  },
  disconnect: {
    title: 'Disconnect',
    todo: 'Press Disconnect. The webhook is deleted at Calendly, then the tokens are revoked and deleted.',
  },
  heal: {
    title: 'Fail and heal',
    todo: 'Press Let Calendly fail. It answers 503 twice. The connection goes to error.retrying and is connected again within 15 seconds.',
  },
};

/** States in which the tour waits for a person, whatever its next step is. */
const INTERRUPTED: Record<string, string> = {
  awaitingConsent:
    'Somebody has to answer the consent page. If it is closed, open it again below. Until then nothing changes.',
  confirmingAccount:
    'Decide below: the account that signed in is not the linked one. The service does not switch without your decision.',
  needsReauthorization: 'The tokens do not work any more. Press Reconnect: the consent page opens again.',
  retrying: 'You can wait: the service tries again. Or press Reconnect.',
};

/** Shows how far a newcomer has come, and what to do next. */
export function coach({ tour: { done, next }, connection, tokensEnded }: TenantView): Html {
  const steps = TOUR.map(
    (
      step,
    ) => html`<li class="${done.has(step) ? 'done' : step === next ? 'next' : 'later'}"${step === next ? html` aria-current="step"` : html``}>
<span class="mark" aria-hidden="true">${done.has(step) ? '✓' : String(TOUR.indexOf(step) + 1)}</span>${STEPS[step].title}${done.has(step) ? html`<span class="sr-only"> (done)</span>` : html``}</li>`,
  );
  const todo = tokensEnded
    ? 'Calendly has ended the tokens. The service notices it when it next uses them. Press Reconnect: Calendly refuses the tokens, and the consent page opens.'
    : (INTERRUPTED[connection?.substate ?? ''] ??
      (next === null
        ? 'You have seen all steps. The inspector shows everything that happened. You can start again.'
        : STEPS[next].todo));
  return html`<ol class="steps">${steps}</ol><p class="todo">${todo}</p>`;
}
