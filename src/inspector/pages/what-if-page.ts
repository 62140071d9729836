import { html, type Html } from '../../html/html.ts';
import type { Tenant } from '../../connection/reads/read-tenant.ts';
import { OPERATOR_COMMANDS, isOperatorCommand } from './operator-commands.ts';
import { code } from './exchange-view.ts';
import { moment } from '../../html/times.ts';
import type { PageContext } from './page-context.ts';
import { dotted, stateBadge } from './state-badge.ts';
import { tenantLink } from './tenant-link.ts';
import type { Outcome } from '../../connection/reads/foresee.ts';

interface Question {
  /** True: the page asks whether to send the event. False: it only shows what would happen. */
  toSend: boolean;
  tenant: Tenant;
  event: string;
  events: string[];
  outcomes: Outcome[];
}

/** Shows what an event would do. For a command, it asks before sending it. Also shown in a dialog. */
export function whatIfPage(context: PageContext, { tenant, event, events, outcomes, toSend }: Question): Html {
  const { tenantId, state, substate } = tenant.view;
  const command = toSend && isOperatorCommand(event) ? OPERATOR_COMMANDS[event] : null;
  return html`<section id="ask" class="card"><h2 id="ask-title">${command === null ? html`What if <code>${event}</code> came now?` : command.question}</h2>
<p class="quiet">${tenantId} is ${stateBadge(dotted(state, substate))} ${command?.means ?? 'What the machine would do is shown here. Nothing is sent.'}</p>
<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">If</th><th scope="col">Then</th><th scope="col">Effects</th><th scope="col">Timers</th></tr></thead>
<tbody>${outcomes.map((outcome) => line(outcome, dotted(state, substate)))}</tbody></table></div>
<details class="raw"><summary>The event as it is assumed</summary>${outcomes.map(({ sample }) => code(sample.event))}</details>
${command !== null && form(context, tenant, event, command.confirm)}
<form class="filters actions" action="${tenantLink(context, tenantId, 'what-if')}"><input type="hidden" name="only" value="shown"><label>Another event <select name="event">${events.map((each) => html`<option${each === event && html` selected`}>${each}</option>`)}</select></label>
<button>Show</button></form></section>`;
}

function line({ sample: { label }, to, effects, timers }: Outcome, from: string): Html {
  return html`<tr><td>${label === '' ? html`<span class="quiet">it comes</span>` : label}</td>
<td>${to === null ? html`<span class="quiet">nothing: not taken now</span>` : to === from ? html`<span class="quiet">stays</span> ${stateBadge(to)}` : stateBadge(to)}</td>
<td>${effects.length === 0 ? html`<span class="quiet">none</span>` : effects.join(', ')}</td>
<td>${
    timers.length === 0
      ? html`<span class="quiet">none</span>`
      : html`<ul class="plain">${timers.map(
          ({ name, event, dueAt }) =>
            html`<li>${
              dueAt === null ? html`<span class="quiet">${name} cancelled</span>` : html`${event} ${moment(dueAt)}`
            }</li>`,
        )}</ul>`
  }</td></tr>`;
}

function form(context: PageContext, { view: { tenantId }, accepted }: Tenant, event: string, confirm: string): Html {
  const refusal = context.refusal ?? (accepted.includes(event) ? null : 'Not accepted in this state.');
  return html`<form class="actions" method="post" action="${tenantLink(context, tenantId, `commands/${event}`)}"><input type="hidden" name="formToken" value="${context.formToken}">
${event === 'connect' && html`<label><input type="checkbox" name="switchAccount" value="true"> ask for consent anew, also for another account</label>`}
<button class="yes${event === 'disconnect' && ' danger'}"${refusal !== null && html` disabled`}>${confirm}</button>
<a class="button" data-close href="${tenantLink(context, tenantId)}">Leave it</a>
<span class="quiet">${refusal ?? html`In the history as <b>${context.session.operator}</b>.`}</span></form>`;
}
