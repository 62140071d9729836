import { html, type Html } from '../../html/html.ts';
import type { DrawnChart } from '../chart/draw-chart.ts';
import type { Health } from '../../connection/reads/read-health.ts';
import type { Moment } from '../../connection/reads/read-moment.ts';
import type { Tenant } from '../../connection/reads/read-tenant.ts';
import type { Timeline } from '../../connection/reads/read-timeline.ts';
import type { CalendlyBases } from './curl-of.ts';
import { healthPanel } from './health-panel.ts';
import { momentPanel } from './moment-panel.ts';
import { nowPanel, underWay } from './now-panel.ts';
import type { PageContext } from './page-context.ts';
import { dotted } from './state-badge.ts';
import { tenantFrame } from './tenant-frame.ts';
import { tenantLink } from './tenant-link.ts';
import { timeline } from './timeline.ts';

/** What the chart's colours mean, and which arrow is pointed at. */
export const chartKeys = html`<span class="key-lit">here</span><span class="key-open">open from here</span><span class="key-origin">from nearly every state</span><span class="key-taken">the way taken</span><span id="edge" aria-live="polite"></span>`;

interface Content {
  tenant: Tenant;
  health: Health;
  history: Timeline;
  /** The history row that the page shows; null: it shows the present and follows changes. */
  at: Moment | null;
  before: string | undefined;
  chart: DrawnChart;
  bases: CalendlyBases;
}

/** Shows one tenant: the chart, how it is now, and its history. */
export function tenantPage(context: PageContext, { tenant, health, history, at, before, chart, bases }: Content): Html {
  const { tenantId, state, substate } = tenant.view;
  const current = dotted(state, substate);
  const link = (search: Record<string, string | undefined>) => {
    const given = Object.entries(search).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return `${tenantLink(context, tenantId)}${given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`}`;
  };
  return tenantFrame(
    context,
    tenant,
    '',
    html`<div class="overview"><div id="now" class="now only-now" data-refresh>${underWay(context, tenant)}</div>
<div id="history" class="history" data-refresh>${timeline(history, at?.row.id ?? null, {
      select: ({ id }) => link({ at: String(id), before }),
      older: (cursor) => link({ before: cursor }),
      newest: before === undefined ? null : link({}),
    })}</div>
<figure id="chart" class="chart-box" tabindex="0" aria-label="The statechart" data-current="${current}"${at !== null && html` data-past="true"`}>${chart.draw(at?.row.to ?? current, at === null ? null : { from: at.row.from, event: at.row.event?.type ?? null })}
<figcaption>${chartKeys}<span class="only-now">Pick an event of the history, or step with <kbd>←</kbd> and <kbd>→</kbd>.</span></figcaption></figure>
<section id="detail" class="detail" aria-live="polite" aria-label="The selected event" data-source="${tenantLink(context, tenantId, 'history')}">${at !== null && momentPanel(at, bases)}</section>
<div class="side only-now" id="side" data-refresh>${healthPanel(context, tenant, health)}${nowPanel(context, tenant, chart.chart)}</div></div>`,
    { to: at === null ? null : { at: at.row.at, state: at.row.to } },
  );
}
