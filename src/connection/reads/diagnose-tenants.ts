import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import { diagnose } from '../../diagnosis/diagnose.ts';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { readFacts, type Asking } from './read-facts.ts';

/** Of each of these tenants, for a page of a list. A tenant that is not known is left out. */
export async function diagnoseTenants(
  db: Kysely<Database>,
  tenantIds: readonly string[],
  asking: Asking,
): Promise<ReadonlyMap<string, Diagnosis>> {
  const facts = await readFacts(db, tenantIds, asking);
  return new Map(facts.map((each) => [each.tenantId, diagnose(each)]));
}
