import { organizationOf } from '../accounts.ts';
import type { SandboxContext } from '../context.ts';
import { html, type Html } from '../pages/html.ts';
import { layout } from '../pages/layout.ts';
import type { Account } from '../state.ts';
import type { AuthorizationRequest } from './authorization-request.ts';
import { DEFAULT_SCOPE, scopeCatalog } from './scope-catalog.ts';

/** Asks which account to use, which scopes to grant, and whether to allow. The form's address carries the request's own parameters. */
export function consentPage(
  context: SandboxContext,
  request: AuthorizationRequest,
  action: string,
  lastAccount: string | null,
): Html {
  const { accounts } = context.state;
  const chosen = accounts.find(({ slug }) => slug === lastAccount) ?? accounts[0];
  return layout(
    'Allow access',
    html`<h1>Allow this app to use your Calendly account?</h1>
<p class="quiet">App ${request.app.clientId}, returning to ${new URL(request.redirectUri).host}</p>
<form method="post" action="${action}">
<h2>Sign in as</h2>
${accounts.map((account) => accountChoice(context, account, account === chosen))}
<h2>It may</h2>
<input type="hidden" name="scopes_shown" value="1">
${request.scopes.map(scopeChoice)}
<div class="actions">
<button class="primary" name="decision" value="allow">Allow access</button>
<button name="decision" value="deny">Deny</button>
</div>
</form>`,
  );
}

function accountChoice(context: SandboxContext, account: Account, isChosen: boolean): Html {
  const organization = organizationOf(context, account);
  return html`<label class="choice"><input type="radio" name="account" value="${account.slug}"${isChosen && html` checked`}>
<span>${account.name}<small>${account.email} · ${organization.name} (${organization.stage}) · ${account.role}</small></span></label>`;
}

function scopeChoice(scope: string): Html {
  const meaning = scope === DEFAULT_SCOPE ? 'Everything in your account' : scopeCatalog[scope];
  return html`<label class="choice"><input type="checkbox" name="scope" value="${scope}" checked>
<span>${meaning}<small>${scope}</small></span></label>`;
}
