import { freeSlots } from '../bookings/slots.ts';
import type { SandboxContext } from '../context.ts';
import { html, type Html } from './html.ts';

const SLOTS_SHOWN = 24;

/** Radio buttons for the next free times. The field is called `start`. */
export function slotChoices(context: SandboxContext, host: string): Html {
  const choices = freeSlots(context, host, SLOTS_SHOWN).map((startMs, at) => {
    const [day, time] = dayAndTime(startMs);
    return html`<label class="choice"><input type="radio" name="start" required value="${new Date(startMs).toISOString()}"${at === 0 && html` checked`}>
<span>${time}<small>${day}</small></span></label>`;
  });
  return html`<div class="slots">${choices}</div>`;
}

export function readStart(value: string | undefined): number | null {
  const milliseconds = Date.parse(value ?? '');
  return Number.isNaN(milliseconds) ? null : milliseconds;
}

export function dayAndTime(moment: number | string): [day: string, time: string] {
  const date = new Date(moment);
  const day = date.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });
  return [day, date.toISOString().slice(11, 16)];
}
