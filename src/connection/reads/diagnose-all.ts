import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import { diagnose } from '../../diagnosis/diagnose.ts';
import type { Diagnosis, Next, Verdict } from '../../diagnosis/diagnosis.ts';
import { countTenants } from './count-tenants.ts';
import { findSuspects } from './find-suspects.ts';
import { inOneView } from './in-one-view.ts';
import { readFacts, type Asking } from './read-facts.ts';

/** Tenants with the same diagnosis. */
export interface DiagnosisGroup {
  code: string;
  verdict: Verdict;
  headline: string;
  next: Next;
  /** How many tenants, since when the first of them, and some of their ids. */
  tenants: number;
  since: string;
  tenantIds: string[];
}

export interface DiagnosisOfAll {
  at: string;
  /** How many tenants there are, and how many were looked at more closely because some row is a sign of trouble. */
  tenants: number;
  suspects: number;
  /** False if there are more suspects than are looked at. Then the groups are larger than shown. */
  complete: boolean;
  /** The worst first, then the largest. */
  groups: DiagnosisGroup[];
}

/** So many are diagnosed in well under a second. */
export const MOST_SUSPECTS = 5_000;
const MOST_GROUPS = 100;
/** A command goes to the whole group, and nobody reads so many ids. */
const MOST_NAMED = 20;
const SEVERITY: Verdict[] = ['not_receiving', 'degraded', 'disconnected', 'well'];

export async function diagnoseAll(
  db: Kysely<Database>,
  asking: Asking,
  { code, named = MOST_NAMED }: { code?: string | undefined; named?: number | undefined } = {},
): Promise<DiagnosisOfAll> {
  const { now } = asking;
  const { facts, found } = await inOneView(db, async (view) => {
    const suspects = await findSuspects(view, now, MOST_SUSPECTS);
    return { found: suspects.length, facts: await readFacts(view, suspects.slice(0, MOST_SUSPECTS), asking) };
  });
  const groups = new Map<string, DiagnosisGroup>();
  for (const { tenantId, ...rest } of facts.map((each) => ({ tenantId: each.tenantId, ...diagnose(each) })))
    if (code === undefined || rest.code === code) add(groups, tenantId, rest, named);
  const counts = await countTenants(db);
  return {
    at: now.toISOString(),
    tenants: Object.values(counts).reduce((sum, count) => sum + count, 0),
    suspects: facts.length,
    complete: found < MOST_SUSPECTS,
    groups: [...groups.values()].sort(worstFirst).slice(0, MOST_GROUPS),
  };
}

function add(groups: Map<string, DiagnosisGroup>, tenantId: string, diagnosis: Diagnosis, named: number): void {
  const { code, verdict, headline, next, since } = diagnosis;
  const key = `${code} ${headline}`;
  const group = groups.get(key) ?? { code, verdict, headline, next, tenants: 0, since, tenantIds: [] };
  group.tenants += 1;
  if (since < group.since) group.since = since;
  if (group.tenantIds.length < named) group.tenantIds.push(tenantId);
  groups.set(key, group);
}

const worstFirst = (one: DiagnosisGroup, other: DiagnosisGroup): number =>
  SEVERITY.indexOf(one.verdict) - SEVERITY.indexOf(other.verdict) ||
  other.tenants - one.tenants ||
  one.headline.localeCompare(other.headline);
