import { html, type Html } from '../../html/html.ts';
import type { Timeline, TimelineRow } from '../../connection/reads/read-timeline.ts';
import { describeCause } from '../../connection/reads/describe-cause.ts';
import { failureCode } from '../../connection/reads/failure-code.ts';
import { duration, moment } from '../../html/times.ts';
import { stateBadge } from './state-badge.ts';

export interface TimelineLinks {
  /** The same page with this row selected. */
  select(row: TimelineRow): string;
  older(cursor: string): string;
  newest: string | null;
}

/** Newest first. Every row is a link, so it works without the script; with it, arrow keys and the slider step through. */
export function timeline({ rows, nextCursor }: Timeline, selected: number | null, links: TimelineLinks): Html {
  return html`<section class="timeline" aria-labelledby="timeline-title"><div class="bar"><h2 id="timeline-title">History</h2>
<label class="slider"><span class="quiet">older</span><input id="slider" type="range" min="0" max="${Math.max(0, rows.length - 1)}" value="${positionOf(rows, selected)}"
 aria-label="Step through the history"><span class="quiet">newer</span></label>
<span class="quiet keys"><kbd>←</kbd> <kbd>→</kbd></span></div>
${rows.length === 0 && html`<div class="empty"><p>Nothing is kept of this time any more.</p></div>`}
<ol id="timeline" class="rows">${rows.map((row) => line(row, row.id === selected, links))}</ol>
<nav class="pages" aria-label="Older and newer">${links.newest !== null && html`<a href="${links.newest}">Newest</a>`}
${nextCursor !== null && html`<a rel="next" href="${links.older(nextCursor)}">Older</a>`}</nav></section>`;
}

const positionOf = (rows: readonly TimelineRow[], selected: number | null): number =>
  Math.max(
    0,
    rows.length -
      1 -
      Math.max(
        0,
        rows.findIndex((row) => row.id === selected),
      ),
  );

function line(row: TimelineRow, isSelected: boolean, links: TimelineLinks): Html {
  const { id, kind, event, from, to, at, cause, note, stayedMs } = row;
  const moved = to !== null && from !== to;
  return html`<li id="h${id}" class="${kind}"><a href="${links.select(row)}" data-id="${id}" data-state="${to}" data-from="${from}" data-event="${event?.type}"${isSelected && html` aria-current="true"`}>
<span class="first"><span class="what"><b>${event?.type ?? kind}</b>${failureCode(row) !== null && html` <span class="problem">${failureCode(row)}</span>`}</span><span class="when">${moment(at)}</span></span>
<span class="second"><span class="cause quiet">${describeCause(cause)}${note !== null && html` <span class="note">${note}</span>`}</span>
${moved && html`<span class="where"><span class="arrow-to" role="img" aria-label="to">→</span>${stateBadge(to)}${stayedMs !== null && html`<span class="quiet stay">${duration(stayedMs)}</span>`}</span>`}</span></a></li>`;
}
