import { running, serveThisFile } from '../../support/service/service-of-file.ts';
import type { Answer } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

export const DAY_MS = 24 * 3_600_000;

/** A service whose Calendly limits no rates. */
export const serveBackfills = (): void =>
  serveThisFile({ sandbox: { switches: { tokenRateLimit: null, apiRateLimit: null } } });

export const inDays = (days: number, minutes = 0) =>
  new Date(Math.floor(Date.now() / 60_000) * 60_000 + days * DAY_MS + minutes * 60_000);
export const book = (slug: string, name: string, startTime: Date) =>
  running.sandbox.controls.book({
    account: slug,
    name,
    email: `${name.toLowerCase().replaceAll(' ', '-')}@guest.example`,
    startTime,
  });
export const meetings = async (slug: string, query = 'limit=100'): Promise<Answer['body'][]> =>
  (await running.api('GET', `/v1/tenants/${slug}/meetings?${query}`)).body.items;
export const calls = (slug: string, pattern: RegExp) =>
  running.sandbox.controls.calls().filter((call) => call.account === slug && pattern.test(call.path)).length;
export const runs = (slug: string) =>
  running.database.db.selectFrom('backfill').selectAll().where('tenant_id', '=', slug).orderBy('run').execute();
export const warnings = async (slug: string): Promise<Answer['body'][]> =>
  (await running.api('GET', `/v1/events?tenantId=${slug}&types=connection.warning&limit=100`)).body.items.map(
    ({ data }: Answer['body']) => data,
  );
export const over = async (slug: string) =>
  waitFor(
    async () => {
      const all = await runs(slug);
      return all.length > 0 && all.at(-1)!.finished_at !== null ? all : undefined;
    },
    { describe: `the back-fill of ${slug}`, timeoutMs: 15_000 },
  );
