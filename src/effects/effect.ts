import type { EffectParams, EffectType, UnstampedEvent } from '../../machines/connection/index.ts';
import type { GrantDeps, GrantRun, Produce } from '../grants/grant-run.ts';
import type { DeploymentSettings } from '../tenant-settings/effective-settings.ts';

/** What every effect can use. Effects never import the connection: they answer with events. */
export interface EffectDeps extends GrantDeps {
  /** Base of the callback URLs of subscriptions. */
  publicUrl: string;
  deployment: DeploymentSettings;
}

export interface EffectRun extends GrantRun {
  /** When the machine asked for the effect. */
  requestedAt: Date;
}

/** `event: null`: there is no event, or the grant has already committed it. `postponeUntil`: other work has to end first. */
export type EffectAnswer = { event: UnstampedEvent | Produce | null } | { postponeUntil: Date };

export type EffectImplementation<T extends EffectType> = (
  deps: EffectDeps,
  run: EffectRun,
  params: EffectParams<T>,
) => Promise<EffectAnswer>;
