import { html, type Html } from '../../html/html.ts';
import { elapsed, moment } from '../../html/times.ts';
import type { Tenant } from '../../connection/reads/read-tenant.ts';
import { isOperatorCommand, OPERATOR_COMMANDS } from './operator-commands.ts';
import type { PageContext } from './page-context.ts';
import { tenantLink } from './tenant-link.ts';

export type Diagnosis = Tenant['diagnosis'];
type Next = Diagnosis['next'];

const VERDICTS: Record<Diagnosis['verdict'], { words: string; tone: string }> = {
  well: { words: 'Meetings arrive', tone: 'connected' },
  degraded: { words: 'Something is wrong', tone: 'warned' },
  not_receiving: { words: 'No meetings arrive', tone: 'error' },
  disconnected: { words: 'Not connected', tone: 'disconnected' },
};
const WHO: Record<Next['who'], string> = {
  nobody: 'Nobody has to act.',
  customer: 'The customer has to act.',
  operator: 'You have to act.',
  calendly: 'It is up to Calendly.',
};

export const verdictBadge = (verdict: Diagnosis['verdict']): Html =>
  html`<span class="badge s-${VERDICTS[verdict].tone}"><b>${VERDICTS[verdict].words}</b></span>`;

/** For a list: in colour where somebody has to look. */
export const verdictLine = ({ verdict, headline }: Diagnosis): Html =>
  verdict === 'well'
    ? html`<span class="quiet">${headline}</span>`
    : html`<span class="verdict s-${VERDICTS[verdict].tone}">${headline}</span>`;

export const nextSteps = ({ who, action }: Next): Html => html`<b>${WHO[who]}</b> ${action !== 'Nothing.' && action}`;

/** Stands first on the page: one sentence that says why this tenant does not get their meetings, and the button that helps. */
export function diagnosisPanel(context: PageContext, tenant: Tenant): Html {
  const {
    diagnosis: { code, verdict, headline, since, next, evidence, also },
    view: { tenantId },
  } = tenant;
  const link = (rest: string) => tenantLink(context, tenantId, rest);
  return html`<section id="diagnosis" class="diagnosis s-${VERDICTS[verdict].tone}" aria-label="Diagnosis" data-code="${code}">
<p class="says">${verdictBadge(verdict)} <strong>${headline}</strong> <span class="quiet">for ${elapsed(since, context.now)}, since ${moment(since)}</span></p>
<p class="remedy">${button(context, tenant)} ${nextSteps(next)}</p>
${
  also.length > 0 &&
  html`<ul class="plain also">${also.map((each) => html`<li><span class="quiet">Besides:</span> ${each.headline} <span class="quiet">Since ${moment(each.since)}.</span> ${each.next.action}</li>`)}</ul>`
}
${
  evidence.length > 0 &&
  html`<details class="raw"><summary>What shows it</summary><ul class="plain">${evidence.map(({ kind, at, ref, says }) => html`<li>${moment(at)} <b>${kind === 'problem' ? ref : kind.replace('_', ' ')}</b> ${kind === 'exchange' ? html`<a href="${link(`exchanges?id=${ref ?? ''}`)}">${says}</a>` : says}</li>`)}</ul></details>`
}</section>`;
}

function button(context: PageContext, { diagnosis: { next }, accepted, view: { tenantId } }: Tenant): Html | string {
  const { command } = next;
  if (command === undefined) return '';
  if (command === 'resend')
    return html`<a class="button yes" href="${tenantLink(context, tenantId, 'events?status=parked')}">See what is parked</a>`;
  if (!isOperatorCommand(command) || !accepted.includes(command)) return '';
  return html`<a class="button yes" data-ask href="${tenantLink(context, tenantId, `what-if?event=${command}`)}">${OPERATOR_COMMANDS[command].label}…</a>`;
}
