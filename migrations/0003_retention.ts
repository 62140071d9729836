import { type Kysely, sql } from 'kysely';

/** What is deleted by age is found by age. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('history_by_age').on('history').columns(['at', 'tenant_id']).execute();
  await db.schema.createIndex('effect_by_answer').on('effect').column('answered_at').execute();
  await db.schema.createIndex('refresh_intent_by_answer').on('refresh_intent').column('answered_at').execute();
  await sql`create index debt_settled on debt (settled_at) where settled_at is not null`.execute(db);
  await db.schema.createIndex('consent_attempt_by_expiry').on('consent_attempt').column('expires_at').execute();
}
