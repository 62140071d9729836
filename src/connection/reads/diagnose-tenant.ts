import { diagnose } from '../../diagnosis/diagnose.ts';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { ProblemError } from '../../errors.ts';
import { inOneView } from './in-one-view.ts';
import { readFacts, type DiagnosisDeps } from './read-facts.ts';

/** Why does this tenant not get their meetings? From stored facts alone: no call to Calendly is made. */
export async function diagnoseTenant(deps: DiagnosisDeps, tenantId: string): Promise<Diagnosis> {
  const [facts] = await inOneView(deps.db, (view) => readFacts(deps, view, [tenantId]));
  if (facts === undefined) throw new ProblemError('tenant_unknown');
  return diagnose(facts);
}
