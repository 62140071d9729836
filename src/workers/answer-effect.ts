import type { Effect } from '../../machines/connection/index.ts';
import { CredentialError } from '../grants/credentials.ts';
import { SealedBoxError } from '../grants/sealed-box.ts';
import type { EffectAnswer, EffectDeps, EffectRun } from '../effects/effect.ts';
import { effects } from '../effects/effects.ts';
import { unreadableCredential } from './unreadable-credential.ts';

/** Carries out one effect. A secret that cannot be opened gives an answer, too. Throws only for bugs and a lost database. */
export async function answerEffect(deps: EffectDeps, run: EffectRun, effect: Effect): Promise<EffectAnswer> {
  // The map is exhaustive, and type and parameters belong together; TypeScript cannot follow that through the lookup.
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
