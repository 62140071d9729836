import { sql } from 'kysely';
import type { TestDatabase } from '../postgres/test-database.ts';

/** What time would bring is brought now: the timer becomes due, and the worker takes it as it takes any other. */
export async function makeTimerDue({ db }: TestDatabase, tenantId: string, name: string): Promise<void> {
  await db
    .updateTable('timer')
    .set({ due_at: new Date(0), claimed_until: null })
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .returning('name')
    .executeTakeFirstOrThrow(() => new Error(`No timer ${name} of ${tenantId}`));
  // With the time until the refresh, the time is over that Calendly asked to wait.
  if (name === 'refresh')
    await db.updateTable('oauth_grant').set({ refresh_not_before: null }).where('tenant_id', '=', tenantId).execute();
  // A deadline counts from when the work began: that, too, is long ago.
  if (name === 'deadline') {
    await sql`update effect set begun_at = 'epoch' where id in (select id from effect where tenant_id = ${tenantId} and answered_at is null
      for update skip locked)`.execute(db);
  }
}

/** The same for effects that wait, and for timers of tests whose clock was moved ahead: all that waits is due. */
export async function makeJobsDue({ db }: TestDatabase): Promise<void> {
  await sql`update pgboss.job set start_after = now() where state in ('created', 'retry') and start_after > now()
    and name in ('effects', 'backfills')`.execute(db);
}
