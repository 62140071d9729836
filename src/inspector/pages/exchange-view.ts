import type { ExchangeItem } from '../../exchanges/list-exchanges.ts';
import { html, type Html } from '../../html/html.ts';
import { curlOf, type CalendlyBases } from './curl-of.ts';
import { duration, moment } from '../../html/times.ts';

export const hasFailed = ({ status, failure }: Pick<ExchangeItem, 'status' | 'failure'>): boolean =>
  failure !== null || (status ?? 0) >= 400;

/** One exchange, folded: one line that says what happened, and all details below it. */
export function exchangeView(exchange: ExchangeItem, bases: CalendlyBases, { open = false } = {}): Html {
  const {
    id,
    method,
    path,
    status,
    failure,
    durationMs,
    attempt,
    requestId,
    startedAt,
    effect,
    requestBody,
    headers,
    body,
  } = exchange;
  const failed = hasFailed(exchange);
  return html`<details id="x-${id}" class="exchange ${failed && 'failed'}"${open && html` open`}><summary><span class="code">${method}</span> <span class="path">${path}</span>
<span class="status">${failed ? '✕' : '✓'} ${status ?? failure}</span><span class="quiet number">${duration(durationMs)}</span>
<span class="quiet">${effect}${(attempt ?? 1) > 1 && html`, attempt ${attempt}`}</span>${moment(startedAt)}</summary>
<dl class="facts"><dt>Request id</dt><dd>${requestId === null ? html`<span class="quiet">Calendly sent none</span>` : html`<code class="copy">${requestId}</code> <span class="quiet">quote it to Calendly's support</span>`}</dd>
<dt>Outcome</dt><dd>${status !== null ? `HTTP ${status}` : `no answer: ${failure ?? 'unknown'}`} after ${durationMs} ms, attempt ${attempt ?? 1}</dd></dl>
<h4>Answer</h4>${code(body)}
${Object.keys((headers ?? {}) as object).length > 0 && html`<h4>Headers</h4><dl class="facts headers">${Object.entries(headers as object).map(([name, value]) => html`<dt>${name}</dt><dd>${String(value)}</dd>`)}</dl>`}
${requestBody !== null && requestBody !== undefined && html`<h4>Request body</h4>${code(requestBody)}`}
<h4>As curl <span class="quiet">the secret is left out; queries are not kept</span></h4><pre class="copy" tabindex="0">${curlOf(exchange, bases)}</pre></details>`;
}

export function code(value: unknown): Html {
  if (value === null || value === undefined) return html`<p class="quiet">empty</p>`;
  return html`<pre tabindex="0">${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</pre>`;
}
