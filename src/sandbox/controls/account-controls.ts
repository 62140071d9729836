import { randomUUID } from 'node:crypto';
import { findAccount, organizationOf, requireAccount } from '../accounts.ts';
import type { SandboxContext } from '../context.ts';
import { ControlError } from './control-error.ts';
import type { AccountChange, AccountControls, AccountView, NewAccount } from './controls.ts';
import { revokeRecord } from '../oauth/tokens.ts';
import type { Account, Stage } from '../state.ts';
import { applyFate, settleSubscriptionsOfRevokedAccess } from '../subscription-fates.ts';
import { uriOf } from '../uris.ts';

export function accountControls(context: SandboxContext): AccountControls {
  return {
    list: () => context.state.accounts.map((account) => viewAccount(context, account)),
    get: (slug) => viewAccount(context, requireAccount(context, slug)),
    add: (input) => {
      const account = addAccount(context, input);
      context.save();
      return viewAccount(context, account);
    },
    update: (slug, change) => {
      const account = requireAccount(context, slug);
      changeAccount(context, account, change);
      context.save();
      return viewAccount(context, account);
    },
    revokeLogin: (slug) => {
      const { uuid } = requireAccount(context, slug);
      for (const record of context.state.tokens.filter(({ user }) => user === uuid)) revokeRecord(context, record);
      for (const { clientId } of context.apps) settleSubscriptionsOfRevokedAccess(context, uuid, clientId);
      context.save();
    },
  };
}

function addAccount(context: SandboxContext, input: NewAccount): Account {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(input.slug ?? '')) throw new ControlError(400, 'A slug is like "erin-2".');
  if (!input.name) throw new ControlError(400, 'An account needs a name.');
  if (findAccount(context, input.slug)) throw new ControlError(409, `The account "${input.slug}" exists already.`);
  const host = input.organizationOf === undefined ? null : requireAccount(context, input.organizationOf);
  const at = context.clock.stamp();
  const account: Account = {
    slug: input.slug,
    uuid: randomUUID(),
    name: input.name,
    email: input.email ?? `${input.slug}@calendly-sandbox.example`,
    timezone: input.timezone ?? 'Etc/UTC',
    organization: host?.organization ?? addOrganization(context, input.name, input.plan ?? 'paid'),
    role: input.role ?? (host ? 'user' : 'owner'),
    eventType: randomUUID(),
    membership: randomUUID(),
    availability: randomUUID(),
    calendar: input.calendar ?? 'google',
    createdAt: at,
    updatedAt: at,
  };
  context.state.accounts.push(account);
  acceptInvitations(context, account);
  return account;
}

function addOrganization(context: SandboxContext, name: string, stage: Stage): string {
  const uuid = randomUUID();
  context.state.organizations.push({ uuid, name, stage, group: randomUUID(), createdAt: context.clock.stamp() });
  return uuid;
}

function changeAccount(context: SandboxContext, account: Account, change: AccountChange): void {
  account.name = change.name ?? account.name;
  account.email = change.email ?? account.email;
  account.role = change.role ?? account.role;
  account.updatedAt = context.clock.stamp();
  if (change.moveTo !== undefined) moveTo(context, account, change.moveTo);
  if (change.plan !== undefined) changePlan(context, account, change.plan);
}

function moveTo(context: SandboxContext, account: Account, slug: string | null): void {
  const left = account.organization;
  account.organization =
    slug === null ? addOrganization(context, account.name, 'paid') : requireAccount(context, slug).organization;
  account.membership = randomUUID();
  acceptInvitations(context, account);
  const own = context.state.subscriptions.filter((hook) => hook.user === account.uuid && hook.organization === left);
  applyFate(context, context.switches.onOrganizationLeft, own);
}

/** An account that joins an organization which invited its e-mail address has accepted the invitation. */
function acceptInvitations(context: SandboxContext, { organization, email, uuid }: Account): void {
  for (const invitation of context.state.invitations) {
    if (invitation.status !== 'pending' || invitation.organization !== organization || invitation.email !== email)
      continue;
    Object.assign(invitation, { status: 'accepted', user: uuid, updatedAt: context.clock.stamp() });
  }
}

function changePlan(context: SandboxContext, account: Account, plan: Stage): void {
  const organization = organizationOf(context, account);
  organization.stage = plan;
  if (plan !== 'free') return;
  const hooks = context.state.subscriptions.filter((hook) => hook.organization === organization.uuid);
  applyFate(context, context.switches.onDowngrade, hooks);
}

function viewAccount(context: SandboxContext, account: Account): AccountView {
  const organization = organizationOf(context, account);
  return {
    slug: account.slug,
    uri: uriOf(context, 'users', account.uuid),
    name: account.name,
    email: account.email,
    timezone: account.timezone,
    organization: uriOf(context, 'organizations', organization.uuid),
    organizationName: organization.name,
    plan: organization.stage,
    role: account.role,
    bookingUrl: `${context.publicUrl}/book/${account.slug}`,
  };
}
