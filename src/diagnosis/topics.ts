import type { Rule } from './rule.ts';
import { connectionProblems } from './rules/connection-problems.ts';
import { calendlyProblems } from './rules/calendly-problems.ts';
import { consent } from './rules/consent.ts';
import { debts } from './rules/debts.ts';
import { deliveries, unappliedDeliveries } from './rules/deliveries.ts';
import { backfills } from './rules/backfills.ts';
import { disconnected } from './rules/disconnected.ts';
import { host } from './rules/host.ts';
import { installation, upkeepOfService } from './rules/installation.ts';
import { steps } from './rules/steps.ts';
import { tokens } from './rules/tokens.ts';
import { well } from './rules/well.ts';

/** Topics that explain more come first. Of each topic, the first rule that holds gives a finding. */
export const TOPICS: readonly (readonly Rule[])[] = [
  installation,
  upkeepOfService,
  consent,
  [...connectionProblems, ...calendlyProblems],
  steps,
  tokens,
  unappliedDeliveries,
  deliveries,
  host,
  backfills,
  disconnected,
  debts,
];

/** Used if no topic has a finding. The last rule always holds. */
export const WELL: readonly Rule[] = well;
