import type { SandboxContext } from './context.ts';
import { ControlError } from './controls/control-error.ts';
import type { Account, Organization } from './state.ts';

export function findAccount(context: SandboxContext, slugOrUuid: string): Account | undefined {
  return context.state.accounts.find(({ slug, uuid }) => slug === slugOrUuid || uuid === slugOrUuid);
}

export function requireAccount(context: SandboxContext, slugOrUuid: string): Account {
  const account = findAccount(context, slugOrUuid);
  if (!account) throw new ControlError(404, `There is no account "${slugOrUuid}".`);
  return account;
}

export function organizationOf(context: SandboxContext, account: Account): Organization {
  return context.state.organizations.find(({ uuid }) => uuid === account.organization)!;
}
