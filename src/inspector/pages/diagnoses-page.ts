import { html, type Html } from '../../html/html.ts';
import { elapsed, moment } from '../../html/times.ts';
import type { DiagnosisGroup, DiagnosisOfAll } from '../../connection/reads/diagnose-all.ts';
import { nextSteps, verdictBadge } from './diagnosis-panel.ts';
import { OPERATOR_COMMANDS } from './operator-commands.ts';
import { homeOf, type PageContext } from './page-context.ts';

/** How far a command for a group has come. */
export interface GroupProgress {
  code: string;
  headline: string;
  command: GroupCommand;
  accepted: number;
  refused: number;
  left: number;
  after: string;
}

/** Commands that can be sent to a whole group. */
export const GROUP_COMMANDS = ['retry', 'resync', 'refresh'] as const;
export type GroupCommand = (typeof GROUP_COMMANDS)[number];

const tenantsOf = (count: number): string => (count === 1 ? '1 tenant' : `${count.toLocaleString('en')} tenants`);

/** Tenants by diagnosis, the worst first. A command can be sent to a whole group. */
export function diagnosesPage(
  context: PageContext,
  all: DiagnosisOfAll,
  { code, progress }: { code: string | undefined; progress: GroupProgress | null },
): Html {
  const { groups, tenants, suspects, complete } = all;
  return html`<h1>What is wrong</h1>${progress !== null && progressOf(context, progress)}
<div id="diagnoses" data-refresh><p class="quiet">${tenantsOf(tenants)}, of whom ${suspects.toLocaleString('en')} are listed here because something was noted of them.
${!complete && html`<b class="warned">There are more: the groups are larger than they say.</b>`}
${code !== undefined && html` <a href="${context.base}/diagnoses">All diagnoses</a>`} <a href="${homeOf(context.base)}">All tenants</a></p>
${groups.length === 0 && html`<div class="empty"><p><b>No tenant has a problem.</b></p></div>`}
${groups.map((group) => groupCard(context, group, code !== undefined))}</div>`;
}

function groupCard(context: PageContext, group: DiagnosisGroup, opened: boolean): Html {
  const { code, verdict, headline, next, tenants, since, tenantIds } = group;
  const { base, now } = context;
  return html`<section class="card group" data-code="${code}"><p class="says">${verdictBadge(verdict)} <strong>${tenantsOf(tenants)} since ${moment(since)}: ${headline}</strong>
<span class="quiet">for ${elapsed(since, now)}</span></p><p class="remedy">${nextSteps(next)}</p>
<p class="named">${tenantIds.map((id) => html`<a href="${base}/tenants/${encodeURIComponent(id)}">${id}</a> `)}
${tenants > tenantIds.length && (opened ? html`<span class="quiet">and ${tenants - tenantIds.length} more</span>` : html`<a href="${base}/diagnoses?code=${code}">and ${tenants - tenantIds.length} more</a>`)}</p>
${groupForm(context, group)}</section>`;
}

function groupForm({ base, formToken, refusal, session }: PageContext, group: DiagnosisGroup): Html | string {
  const { code, headline, tenants, next } = group;
  const command = GROUP_COMMANDS.find((name) => name === next.command);
  if (command === undefined) return '';
  const { label, means } = OPERATOR_COMMANDS[command];
  return html`<details class="raw ask-group"><summary>${label} ${tenants === 1 ? 'it' : `all ${tenants.toLocaleString('en')}`}…</summary>
<form class="actions" method="post" action="${base}/diagnoses"><input type="hidden" name="formToken" value="${formToken}">
<input type="hidden" name="code" value="${code}"><input type="hidden" name="headline" value="${headline}"><input type="hidden" name="command" value="${command}">
<span>${means}</span><button class="yes"${refusal !== null && html` disabled`}>${label} ${tenantsOf(tenants)}</button>
<span class="quiet">${refusal ?? html`In the history of each as <b>${session.operator}</b>.`}</span></form></details>`;
}

/** Shown after each part of a group. The form goes on with the next part, and the script presses it by itself. */
function progressOf({ base, formToken }: PageContext, progress: GroupProgress): Html {
  const { code, headline, command, accepted, refused, left, after } = progress;
  const done = accepted + refused;
  const field = (name: string, value: string | number) => html`<input type="hidden" name="${name}" value="${value}">`;
  return html`<section id="progress" class="banner notice" role="status"><p><b>${OPERATOR_COMMANDS[command].label}: ${done} of ${done + left}.</b> ${headline}
<progress value="${done}" max="${done + left}">${done} of ${done + left}</progress></p>
<p class="quiet">${accepted} took it${refused > 0 && html`, ${refused} had moved on and did not`}. What comes of it shows below, and in the history of each.</p>
${
  left > 0 &&
  html`<form class="actions" method="post" action="${base}/diagnoses" data-continue>${field('formToken', formToken)}${field('code', code)}${field('headline', headline)}${field('command', command)}
${field('after', after)}${field('accepted', accepted)}${field('refused', refused)}<button class="yes">Go on</button><a class="button" href="${base}/diagnoses">Stop</a></form>`
}</section>`;
}
