import { findAccount } from '../accounts.ts';
import type { SandboxContext } from '../context.ts';
import type { Account } from '../state.ts';
import { permissionDenied } from './api-error.ts';
import type { Requester } from './authenticate.ts';

export function isAdministrator(requester: Requester): boolean {
  return requester.account.role !== 'user';
}

export function requireOwnOrganization(requester: Requester, organization: string): void {
  if (requester.account.organization !== organization) throw permissionDenied();
}

/** Only owners and admins may use resources of the whole organization. */
export function requireAdministrator(requester: Requester): void {
  if (!isAdministrator(requester)) throw permissionDenied('You do not have permission');
}

/** A user of the requester's own organization, with any role. */
export function requireColleague(context: SandboxContext, requester: Requester, user: string): Account {
  const account = findAccount(context, user);
  if (!account || account.organization !== requester.account.organization) {
    throw permissionDenied('This user is not in your organization');
  }
  return account;
}

/** A user may act for himself. An owner or admin may act for everyone in the organization. */
export function requireSelfOrAdministrator(context: SandboxContext, requester: Requester, user: string): Account {
  const account = requireColleague(context, requester, user);
  if (account.uuid !== requester.account.uuid) requireAdministrator(requester);
  return account;
}
