import { html, type Html } from '../../html/html.ts';
import type { EffectStory, Moment } from '../../connection/reads/read-moment.ts';
import type { CalendlyBases } from './curl-of.ts';
import { describeCause } from '../../connection/reads/describe-cause.ts';
import { code, exchangeView, hasFailed } from './exchange-view.ts';
import { moment } from '../../html/times.ts';
import { stateBadge } from './state-badge.ts';

/** One row of the history in full: the event, what led to it, and what it started. */
export function momentPanel({ row, cameFrom, setGoing }: Moment, bases: CalendlyBases): Html {
  const { event, kind, from, to, at, cause, version, machineVersion, note, actions } = row;
  const { type, at: _at, id: _id, ...payload } = event ?? { type: kind, at: '', id: '' };
  return html`<div id="moment" class="moment"><div class="path-taken"><h2>${type}</h2> ${from !== null && stateBadge(from)} ${to !== null && from !== to && html`<span class="arrow-to" role="img" aria-label="to">→</span> ${stateBadge(to)}`}</div>
${note !== null && html`<p class="note">${note}</p>`}
<p>${moment(at)} <span class="quiet">by</span> ${describeCause(cause)} <span class="quiet">version ${version}, machine ${machineVersion}</span></p>
${cameFrom !== null && html`<h3>The effect that it answers</h3>${effect(cameFrom, bases, true)}`}
${setGoing.length > 0 && html`<h3>It set going</h3>${setGoing.map((story) => effect(story, bases, false))}`}
${(actions?.timers.length ?? 0) > 0 && html`<h3>Timers</h3><ul class="plain">${actions!.timers.map(({ name, dueAt }) => html`<li><b>${name}</b> ${dueAt === null ? html`<span class="quiet">cancelled</span>` : html`due ${moment(dueAt)}`}</li>`)}</ul>`}
${Object.keys(payload).length > 0 && html`<details class="raw"${cameFrom === null && html` open`}><summary>What the event carried</summary>${code(payload)}</details>`}</div>`;
}

function effect(
  { type, runs, answer, answeredAt, createdAt, job, exchanges, params }: EffectStory,
  bases: CalendlyBases,
  unfold: boolean,
): Html {
  const last = exchanges.findLast(hasFailed) ?? exchanges.at(-1);
  return html`<div class="effect"><p><b>${type}</b> ${
    answeredAt !== null
      ? html`answered <b>${answer}</b> ${moment(answeredAt)}`
      : html`<span class="waiting">not answered yet</span>, asked for ${moment(createdAt)}`
  }
<span class="quiet">${runs === 1 ? '1 run' : `${runs} runs`}${job !== null && answeredAt === null && html`, job ${job}`}</span></p>
${exchanges.length === 0 ? html`<p class="quiet">No exchange with Calendly is kept.</p>` : exchanges.map((each) => exchangeView(each, bases, { open: unfold && each === last && hasFailed(each) }))}
<details class="raw"><summary>Parameters</summary>${code(params)}</details></div>`;
}
