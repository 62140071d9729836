import type { ExchangeItem } from '../../exchanges/list-exchanges.ts';
import { html, type Html } from '../../html/html.ts';
import type { TenantView } from '../read-tenant-view.ts';
import type { Story } from '../story.ts';
import { describeEvent } from '../words.ts';
import { statePath } from './state-badge.ts';

/** Shows what the service did: the important figures, the states that it went through, and its requests. */
export function underTheHood({ tenantId, webhooksAtCalendly, story, calls }: TenantView): Html {
  return html`<dl class="figures">
${figure(String(webhooksAtCalendly), webhooksAtCalendly === 1 ? 'webhook at Calendly now' : 'webhooks at Calendly now')}
${figure(story ? String(story.redirects) : '–', 'visits to the consent page, last time')}
${figure(story ? String(calls.length) : '–', 'calls to Calendly, last time')}</dl>
${story ? told(story) : html`<p class="empty">Nothing has happened yet. Each state and each call to Calendly will be listed here.</p>`}
${calls.length > 0 ? html`<h3>Calls to Calendly since then</h3><ol class="calls">${calls.slice(0, 12).map(call)}</ol>` : html``}
${story ? html`<p class="more"><a href="/inspector/tenants/${encodeURIComponent(tenantId)}">Everything about ${tenantId} in the inspector</a></p>` : html``}`;
}

const figure = (value: string, label: string): Html => html`<div><dd>${value}</dd><dt>${label}</dt></div>`;

const STEPS_SHOWN = 12;

function told({ command, from, steps }: Story): Html {
  const left = steps.length - STEPS_SHOWN;
  return html`<h3>What happened: ${command}</h3><ol class="story"><li>${statePath(from)}</li>${steps
    .slice(0, STEPS_SHOWN)
    .map(
      ({ event, to, afterMs }) =>
        html`<li>${statePath(to)}<span class="because">${describeEvent(event)}</span><span class="after">${duration(afterMs)}</span></li>`,
    )}</ol>
${left > 0 ? html`<p class="quiet">and ${String(left)} more since</p>` : html``}`;
}

const duration = (ms: number): string => (ms < 1000 ? `+${ms} ms` : `+${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`);

function call({ method, path, status, failure, durationMs }: ExchangeItem): Html {
  // Ids make the lines long and tell a newcomer nothing.
  const short = path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…');
  return html`<li${status !== null && status < 400 ? html`` : html` class="failed"`}><code>${method} ${short}</code><span class="after">${status === null ? (failure ?? 'no answer') : String(status)} · ${String(durationMs)} ms</span></li>`;
}
