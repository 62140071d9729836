import type { Kysely } from 'kysely';
import type { Bundle } from '../connection/reads/bundle.ts';
import { diagnoseAll, type DiagnosisOfAll } from '../connection/reads/diagnose-all.ts';
import { diagnoseTenant } from '../connection/reads/diagnose-tenant.ts';
import type { Database } from '../db/database.ts';

/** The diagnosis of one tenant, or of all (null), as text for a person, or as JSON in the words of the API. Reads only. */
export async function diagnose(
  db: Kysely<Database>,
  tenantId: string | null,
  { now, json }: { now: Date; json: boolean },
): Promise<string> {
  const answer =
    tenantId === null
      ? await diagnoseAll(db, { now }, { named: json ? undefined : 5 })
      : await diagnoseTenant(db, tenantId, { now });
  if (json) return `${JSON.stringify(answer, null, 1)}\n`;
  const lines = 'groups' in answer ? linesOfAll(answer) : [tenantId!, ...linesOfDiagnosis(answer)];
  return `${lines.map(printable).join('\n')}\n`;
}

/** Errors and names come from outside: none of their characters may steer the terminal. */
const printable = (line: string): string => line.replace(/[\x00-\x1f\x7f-\x9f]/g, '\ufffd');

/** Indented below a tenant's name: the sentence, what to do, what shows it, and what is wrong besides. */
export function linesOfDiagnosis({
  headline,
  since,
  next,
  evidence,
  also,
}: NonNullable<Bundle['diagnosis']>): string[] {
  return [
    `  ${headline} Since ${since}.`,
    `  → ${next.who}: ${next.action}`,
    ...evidence.map(
      ({ kind, at, ref, says }) =>
        `    ${kind}${at === null ? '' : ` ${at}`}: ${says}${ref === null ? '' : ` (${ref})`}`,
    ),
    ...also.map((each) => `  besides: ${each.headline} Since ${each.since}. → ${each.next.who}: ${each.next.action}`),
  ];
}

function linesOfAll({ tenants, suspects, complete, groups }: DiagnosisOfAll): string[] {
  return [
    `${tenants} tenants; something is to be said of ${suspects}${complete ? '' : ', or more'}.`,
    ...groups.flatMap(({ headline, tenants: count, since, next, tenantIds }) => [
      '',
      `${count} since ${since}: ${headline}`,
      `  → ${next.who}: ${next.action}`,
      `  ${tenantIds.join(' ')}${count > tenantIds.length ? ` and ${count - tenantIds.length} more` : ''}`,
    ]),
  ];
}
