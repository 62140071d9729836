import { html, type Html } from './html.ts';

type Instant = Date | string;
const isoOf = (at: Instant): string => (typeof at === 'string' ? at : at.toISOString());

/** Shown in UTC until the script shows it in the reader's zone. The exact time is in the hint. */
export function moment(at: Instant | null): Html {
  if (at === null) return html`<span class="quiet">–</span>`;
  const iso = isoOf(at);
  return html`<time datetime="${iso}" data-show="time" title="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** The two greatest units, as a person would say it: `2 h 5 min`, `340 ms`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  let left = Math.round(milliseconds / 1000);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size);
    left %= size;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(' ');
}

/** How long ago it was. The script keeps it up to date. */
export function elapsed(at: Instant, now: Date): Html {
  return html`<time datetime="${isoOf(at)}" data-show="elapsed">${duration(now.getTime() - new Date(isoOf(at)).getTime())}</time>`;
}

/** How long until then, or how long overdue. The script keeps it up to date. */
export function remaining(at: Date, now: Date): Html {
  const left = at.getTime() - now.getTime();
  return html`<time datetime="${at.toISOString()}" data-show="remaining" data-overdue="${left < 0 && 'true'}">${left < 0 ? `overdue by ${duration(-left)}` : `in ${duration(left)}`}</time>`;
}
