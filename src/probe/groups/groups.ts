import type { Group } from '../probe.ts';
import { account } from './account.ts';
import { agents } from './agents.ts';
import { challenge } from './challenge.ts';
import { deliveries } from './deliveries.ts';
import { limits } from './limits.ts';
import { retries } from './retries.ts';
import { revocation } from './revocation.ts';
import { scopes } from './scopes.ts';
import { subscriptions } from './subscriptions.ts';
import { tokens } from './tokens.ts';

/** In the order in which they are asked. The retries take a day, and the limits stop everything for a minute. */
export const GROUPS: readonly Group[] = [
  account,
  agents,
  tokens,
  subscriptions,
  deliveries,
  scopes,
  challenge,
  revocation,
  retries,
  limits,
];
