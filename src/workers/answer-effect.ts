import type { Effect } from '../../machines/connection/index.ts';
import { CredentialError } from '../grants/credentials.ts';
import { SealedBoxError } from '../grants/sealed-box.ts';
import type { EffectAnswer, EffectDeps, EffectRun } from '../effects/effect.ts';
import { effects } from '../effects/effects.ts';
import { unreadableCredential } from './unreadable-credential.ts';

/** Runs one effect. If a secret cannot be opened, that gives an answer, too. Throws only for bugs and a lost database. */
export async function answerEffect(deps: EffectDeps, run: EffectRun, effect: Effect): Promise<EffectAnswer> {
  // Every effect has an implementation, and type and parameters belong together. TypeScript cannot see that through the lookup.
  const implementation = effects[effect.type] as (
    deps: EffectDeps,
    run: EffectRun,
    params: object,
  ) => Promise<EffectAnswer>;
  try {
    return await implementation(deps, run, effect.params);
  } catch (error) {
    if (error instanceof SealedBoxError || error instanceof CredentialError)
      return { event: unreadableCredential(effect) };
    throw error;
  }
}
