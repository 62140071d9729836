import { html, type Html } from '../../http/pages.ts';

type Instant = Date | string;
const isoOf = (at: Instant): string => (typeof at === 'string' ? at : at.toISOString());

/** Shown in UTC until the script puts it into the reader's zone; the exact instant is in the hint either way. */
export function moment(at: Instant | null, how: 'time' | 'ago' | 'day' = 'time'): Html {
  if (at === null) return html`<span class="quiet">–</span>`;
  const iso = isoOf(at);
  return html`<time datetime="${iso}" data-show="${how}" title="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

const UNITS = [['d', 86_400], ['h', 3_600], ['min', 60], ['s', 1]] as const;

/** `2 h 5 min`, `340 ms`: the two greatest units, as a person would say it. */
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

export function sinceThen(at: Instant, now: Date): string {
  return duration(now.getTime() - new Date(isoOf(at)).getTime());
}
