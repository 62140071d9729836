import type { AccountView, Controls } from '../controls/controls.ts';
import type { Fault } from '../faults.ts';
import { html, type Html } from '../pages/html.ts';
import { failures, repetitions, targets } from './fault-choices.ts';
import { switchFields } from './switch-fields.ts';

/** The steps in which a click moves the clock. */
export const steps: Readonly<Record<string, { label: string; seconds: number }>> = {
  hour: { label: '1 hour', seconds: 3600 },
  tokens: { label: '2 hours and 1 minute (access tokens expire)', seconds: 7260 },
  day: { label: '1 day', seconds: 86_400 },
  week: { label: '1 week', seconds: 7 * 86_400 },
};

export function accountsSection({ accounts }: Controls): Html {
  return html`<section aria-labelledby="accounts"><h2 id="accounts">Accounts</h2>
<p class="quiet">Book a meeting with an account, or change the account. A plan belongs to the whole organization.</p>
${accounts.list().map(accountRow)}</section>`;
}

function accountRow(account: AccountView): Html {
  const { slug, name, email, plan, role, organizationName } = account;
  return html`<div class="item"><p><a href="/book/${slug}">Book with ${name}</a><br><span class="quiet">${email} · ${organizationName}</span></p>
<form method="post" action="/panel/accounts/${slug}">
<label>Plan ${choice('plan', { free: 'free', trial: 'trial', paid: 'paid' }, plan, `Plan of ${name}`)}</label>
<label>Role ${choice('role', { owner: 'owner', admin: 'admin', user: 'user' }, role, `Role of ${name}`)}</label>
<button aria-label="Save plan and role of ${name}">Save</button>
<button formaction="/panel/accounts/${slug}/revoke-login" aria-label="End all logins of ${name}">End all logins</button>
</form></div>`;
}

export function clockSection({ clock }: Controls): Html {
  return html`<section aria-labelledby="time"><h2 id="time">Time</h2>
<p>It is <strong>${clock.now().toISOString().slice(0, 19).replace('T', ' ')}</strong> UTC here. The clock goes forward only.</p>
<form method="post" action="/panel/clock" class="actions">
${Object.entries(steps).map(([name, { label }]) => html`<button name="step" value="${name}">Forward ${label}</button>`)}
</form></section>`;
}

export function faultsSection({ faults }: Controls): Html {
  const list = faults.list();
  const labels = (entries: Readonly<Record<string, { label: string }>>) =>
    Object.fromEntries(Object.entries(entries).map(([name, { label }]) => [name, label]));
  return html`<section aria-labelledby="faults"><h2 id="faults">Faults</h2>
${list.length === 0 ? html`<p class="quiet">No fault: everything works.</p>` : list.map(faultRow)}
<form method="post" action="/panel/faults" class="fields">
<label>Request ${choice('target', labels(targets))}</label>
<label>What happens ${choice('failure', labels(failures))}</label>
<label>How often ${choice('times', labels(repetitions))}</label>
<div class="actions"><button class="primary">Add this fault</button>
${list.length > 0 && html`<button formaction="/panel/faults/clear">Remove all faults</button>`}</div>
</form></section>`;
}

function faultRow({ id, kind, method, path, times, hits, ...rest }: Fault): Html {
  const what = 'status' in rest ? `${kind} ${rest.status}` : kind;
  const left = times === 'forever' ? 'until removed' : `${(times ?? 1) - hits} more`;
  return html`<div class="item"><p><code>${method ?? 'any'} ${path}</code> ${what}<br><span class="quiet">${left}, struck ${hits} times</span></p>
<form method="post" action="/panel/faults/${id}/remove"><button aria-label="Remove the fault ${what} of ${path}">Remove</button></form></div>`;
}

export function deliveriesSection({ deliveries }: Controls): Html {
  const { paused } = deliveries.settings();
  const pending = deliveries.list({ status: 'pending' }).length;
  return html`<section aria-labelledby="deliveries"><h2 id="deliveries">Deliveries</h2>
<p>${paused ? 'Paused' : 'Sent at once'}; ${pending} waiting.</p>
<form method="post" action="/panel/deliveries" class="actions">
<button name="do" value="${paused ? 'resume' : 'pause'}">${paused ? 'Resume' : 'Pause'}</button>
<button name="do" value="retry">Send everything that waits now</button>
</form></section>`;
}

export function switchesSection({ switches }: Controls): Html {
  return html`<section aria-labelledby="switches"><h2 id="switches">Switches</h2>
<p class="quiet">How this Calendly behaves where the real one is not known, and what tests need. Lists and numbers are JSON. docs/sandbox.md explains each switch.</p>
<form method="post" action="/panel/switches" class="fields">
${switchFields(switches.get())}
<div class="actions"><button class="primary">Save switches</button>
<button formaction="/panel/switches/reset">Reset all switches</button></div>
</form></section>`;
}

function choice(name: string, options: Readonly<Record<string, string>>, chosen?: string, fullName?: string): Html {
  return html`<select name="${name}"${fullName && html` aria-label="${fullName}"`}>${Object.entries(options).map(
    ([value, label]) => html`<option value="${value}"${value === chosen && html` selected`}>${label}</option>`,
  )}</select>`;
}
