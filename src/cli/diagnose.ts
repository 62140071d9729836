import type { Kysely } from 'kysely';
import type { Bundle } from '../connection/reads/bundle.ts';
import { diagnoseAll, type DiagnosisOfAll } from '../connection/reads/diagnose-all.ts';
import { diagnoseTenant } from '../connection/reads/diagnose-tenant.ts';
import type { Database } from '../db/database.ts';

/** Writes the diagnosis of one tenant, or of all (null): as text for a person, or as JSON with the API's words. Reads only. */
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

/** Errors and names come from outside, so characters that control the terminal are removed. */
const printable = (line: string): string => line.replace(/[\x00-\x1f\x7f-\x9f]/g, '\ufffd');

/** The lines below a tenant's name: the sentence, what to do, the evidence, and what else is wrong. */
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
