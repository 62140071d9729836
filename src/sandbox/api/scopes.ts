import { DEFAULT_SCOPE } from '../oauth/scope-catalog.ts';
import { insufficientScope } from './api-error.ts';

export function hasScope(granted: readonly string[], required: string): boolean {
  if (granted.includes(DEFAULT_SCOPE) || granted.includes(required)) return true;
  return required.endsWith(':read') && granted.includes(required.replace(/:read$/, ':write'));
}

/** The refusal lists everything that the operation needs, not only what is missing. */
export function requireScopes(granted: readonly string[], required: readonly string[]): void {
  if (!required.every((scope) => hasScope(granted, scope))) throw insufficientScope(required);
}
