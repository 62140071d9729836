import { ControlError } from './controls/control-error.ts';
import { defaultSwitches, type Switches } from './switches.ts';

type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === 'string';
const isAmount: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const choicesOfChecks = new Map<Check, readonly unknown[]>();
const oneOf = (...choices: unknown[]): Check => {
  const check: Check = (value) => choices.includes(value);
  choicesOfChecks.set(check, choices);
  return check;
};
const isBoolean = oneOf(true, false);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const fate = oneOf('keep', 'disable', 'delete');

const checks: Record<keyof Switches, Check> = {
  accessTokenSeconds: isAmount,
  authorizationCodeSeconds: isAmount,
  requirePkce: isBoolean,
  requireClientSecret: isBoolean,
  legacyScopes: isBoolean,
  refreshReuseStatus: oneOf(400, 401),
  tokenRateLimit: orNull(isAmount),
  tokenErrorChallenge: isBoolean,
  autoConsent: orNull(isString),
  autoDecision: oneOf('allow', 'deny'),
  declinedScopes: listOf(isString),
  uriBase: (value) => isString(value) && /^https?:\/\/[^?#]*[^/?#]$/.test(value as string),
  apiRateLimit: (value) => value === null || value === 'plan' || isAmount(value),
  retryAfterHeader: isBoolean,
  refusedUserAgents: listOf((value) => typeof value === 'string' && value !== ''),
  inviteeCreationLimits: oneOf('plan', null),
  conflictKey: oneOf('url', 'url+scope', 'user+scope+events'),
  disabledConflicts: isBoolean,
  requireHttpsCallback: isBoolean,
  webhooksOnFreePlan: isBoolean,
  missingScopeStatus: oneOf(403, 400),
  ignoreDelete: isBoolean,
  listLagSeconds: isAmount,
  onTokenRevoked: fate,
  onDowngrade: fate,
  onOrganizationLeft: fate,
  retryDelaysSeconds: (value) => listOf(isAmount)(value) && (value as unknown[]).length > 0,
  giveUpAfterSeconds: isAmount,
  retrySignature: oneOf('renewed', 'original'),
  disableRule: oneOf('no-success', 'message-expired'),
  signingKeyPrecedence: oneOf('subscription', 'app'),
  bodyEscaping: oneOf('none', 'html', 'ascii'),
  deliveryConnectTimeoutMs: isAmount,
  deliveryReadTimeoutMs: isAmount,
  minStartTime: oneOf('inclusive', 'exclusive'),
  locationReadySeconds: isAmount,
  noShowTouchesInvitee: isBoolean,
  legacyIds: isBoolean,
};

/** All values that a switch can have, if they are few; undefined for numbers, texts and lists. */
export function choicesOf(name: keyof Switches): readonly unknown[] | undefined {
  return choicesOfChecks.get(checks[name]);
}

/** Throws on an unknown name or an impossible value, because a mistyped switch that does nothing could let a test pass wrongly. */
export function checkSwitches(patch: Record<string, unknown>): Partial<Switches> {
  for (const [name, value] of Object.entries(patch)) {
    if (!Object.hasOwn(defaultSwitches, name)) throw new ControlError(400, `There is no switch "${name}".`);
    if (!checks[name as keyof Switches](value)) {
      throw new ControlError(400, `Switch "${name}" cannot be ${JSON.stringify(value)}.`);
    }
  }
  return patch as Partial<Switches>;
}
