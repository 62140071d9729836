import { html, type Html } from '../../html/html.ts';

/** The server sends UTC. The script shows it in the reader's own zone. */
export function localTime(instant: string): Html {
  const shown = new Date(instant).toLocaleString('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'UTC',
  });
  return html`<time datetime="${instant}" title="${instant}">${shown} UTC</time>`;
}
