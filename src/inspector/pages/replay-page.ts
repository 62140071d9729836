import { html, type Html } from '../../html/html.ts';
import type { CalendlyBases } from './curl-of.ts';
import type { Bundle } from '../../connection/reads/bundle.ts';
import type { DrawnChart } from '../chart/draw-chart.ts';
import type { Moment } from '../../connection/reads/read-moment.ts';
import { momentPanel } from './moment-panel.ts';
import { moment } from '../../html/times.ts';
import type { PageContext } from './page-context.ts';
import { dotted, stateBadge } from './state-badge.ts';
import { code } from './exchange-view.ts';
import { chartKeys } from './tenant-page.ts';
import { timeline } from './timeline.ts';

export function openBundlePage({ base, formToken }: PageContext, problem: string | null): Html {
  return html`<h1>Open a bundle</h1><section class="card"><p>A bundle is what <b>Export</b> gives of one tenant, on this machine or on another. It is shown and not stored.</p>
${problem !== null && html`<p class="banner" role="alert">${problem}</p>`}
<form method="post" action="${base}/replay" class="bundle"><input type="hidden" name="formToken" value="${formToken}">
<p><label>File <input type="file" accept="application/json,.json" data-into="bundle"></label></p>
<p><label for="bundle">or its text</label><br><textarea id="bundle" name="bundle" rows="10" required spellcheck="false"></textarea></p>
<button class="yes">Open</button></form></section>`;
}

/** The same page as a tenant's, made from a file without the database. All details are already in the page. */
export function replayPage(
  { base }: PageContext,
  { bundle, moments, chart, bases }: { bundle: Bundle; moments: Moment[]; chart: DrawnChart; bases: CalendlyBases },
): Html {
  const {
    connection: { tenantId, state, substate, since, version },
    exportedAt,
    exportedBy,
    cut,
    snapshot,
    timers,
    diagnosis,
  } = bundle;
  const current = dotted(state, substate);
  return html`<div class="head"><div class="title"><h1>${tenantId}</h1><span class="only-now standing">${stateBadge(current)} <span class="quiet">since ${moment(since)}, version ${version}</span></span></div>
<p class="banner notice" role="status"><b>From a file.</b> Exported ${moment(exportedAt)} by ${exportedBy}${cut && ', older rows left out'}. Nothing here is live, and nothing was stored. <a href="${base}/replay">Open another</a></p>${diagnosis !== undefined && html`<p class="banner only-now"><b>What was wrong then:</b> ${diagnosis.headline} <span class="quiet">Since ${moment(diagnosis.since)}.</span> ${diagnosis.next.action}</p>`}</div>
<div class="overview"><div id="history" class="history">${timeline({ rows: moments.map(({ row }) => row), nextCursor: null }, null, { select: ({ id }) => `#m${id}`, older: () => '#', newest: null })}</div>
<figure id="chart" class="chart-box" tabindex="0" aria-label="The statechart" data-current="${current}">${chart.draw(current)}
<figcaption>${chartKeys}<span id="past" class="past" hidden><b>You are looking at the past.</b> <a id="to-now" href="#">Back to the end</a> <kbd>Esc</kbd></span></figcaption></figure>
<section id="detail" class="detail" aria-live="polite" aria-label="The selected event"></section>
<div class="side only-now"><section><h2>Timers then</h2>${timers.length === 0 ? html`<p class="quiet">None.</p>` : html`<ul class="plain">${timers.map(({ event, dueAt }) => html`<li><b>${event.type}</b> ${moment(dueAt)}</li>`)}</ul>`}</section>
<section><h2>Snapshot</h2>${code(snapshot.context)}</section></div></div>
<div id="moments" hidden>${moments.map((each) => html`<div data-moment="${each.row.id}">${momentPanel(each, bases)}</div>`)}</div>`;
}
