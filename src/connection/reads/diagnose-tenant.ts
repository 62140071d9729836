import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import { diagnose } from '../../diagnosis/diagnose.ts';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { ProblemError } from '../../errors.ts';
import { inOneView } from './in-one-view.ts';
import { readFacts, type Asking } from './read-facts.ts';

/** Why does this tenant not get their meetings? The answer comes from stored facts alone, without a call to Calendly. */
export async function diagnoseTenant(db: Kysely<Database>, tenantId: string, asking: Asking): Promise<Diagnosis> {
  const [facts] = await inOneView(db, (view) => readFacts(view, [tenantId], asking));
  if (facts === undefined) throw new ProblemError('tenant_unknown');
  return diagnose(facts);
}
