import { html, type Html } from '../../http/pages.ts';
import { TOUR, type Tour, type TourStep } from '../tour.ts';

const STEPS: Record<TourStep, { title: string; todo: string }> = {
  connect: { title: 'Connect', todo: 'Press Connect. The sandbox’s consent page opens; choose Alice and allow.' },
  book: { title: 'Book', todo: 'Book a meeting as an invitee would. It appears here by itself, usually in well under a second.' },
  reconnect: { title: 'Reconnect', todo: 'Press Reconnect. The stored tokens still work, so nobody is sent to Calendly and no second webhook is made.' },
  switch: { title: 'Switch account', todo: 'Press Switch account and choose Bob. Alice’s webhook is deleted and her meetings are no longer shown.' },
  disconnect: { title: 'Disconnect', todo: 'Press Disconnect. The webhook is deleted at Calendly, then the tokens are revoked and wiped.' },
};

/** Where a newcomer is in the story, and the one thing to do next. */
export function coach({ done, next }: Tour): Html {
  const steps = TOUR.map((step) => html`<li class="${done.has(step) ? 'done' : step === next ? 'next' : 'later'}"${step === next ? html` aria-current="step"` : html``}>
<span class="mark" aria-hidden="true">${done.has(step) ? '✓' : String(TOUR.indexOf(step) + 1)}</span>${STEPS[step].title}${done.has(step) ? html`<span class="sr-only"> (done)</span>` : html``}</li>`);
  const todo = next === null ? 'That was the whole life of a connection. Everything that happened is in the inspector; start again whenever you like.' : STEPS[next].todo;
  return html`<ol class="steps">${steps}</ol><p class="todo">${todo}</p>`;
}
