import { type Kysely, sql } from 'kysely';

/** Connections, what drives them (effects, timers, history) and what they hold (grants, secrets, subscriptions, debts). */
export async function up(db: Kysely<unknown>): Promise<void> {
  const now = sql`now()`;

  await db.schema
    .createTable('installation')
    .addColumn('id', 'boolean', (c) =>
      c
        .primaryKey()
        .defaultTo(true)
        .check(sql`id`),
    )
    .addColumn('public_url', 'text', (c) => c.notNull())
    .addColumn('client_id', 'text', (c) => c.notNull())
    .addColumn('api_base_url', 'text', (c) => c.notNull())
    .addColumn('adopted_at', 'timestamptz', (c) => c.notNull().defaultTo(now))
    .execute();

  await db.schema
    .createTable('connection')
    .addColumn('tenant_id', 'text', (c) => c.primaryKey())
    .addColumn('snapshot', 'jsonb', (c) => c.notNull())
    .addColumn('machine_version', 'integer', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('substate', 'text')
    .addColumn('since', 'timestamptz', (c) => c.notNull())
    .addColumn('account_uri', 'text')
    .addColumn('erase_requested_at', 'timestamptz')
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(now))
    .addColumn('updated_at', 'timestamptz', (c) => c.notNull().defaultTo(now))
    .execute();
  await db.schema
    .createIndex('connection_by_state')
    .on('connection')
    .columns(['state', 'since', 'tenant_id'])
    .execute();

  await db.schema
    .createTable('history')
    .addColumn('id', 'bigint', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull().check(sql`kind in ('event', 'note', 'checkpoint')`))
    .addColumn('at', 'timestamptz', (c) => c.notNull())
    .addColumn('event', 'jsonb')
    .addColumn('from_state', 'text')
    .addColumn('to_state', 'text')
    .addColumn('machine_version', 'integer', (c) => c.notNull())
    .addColumn('cause', 'jsonb', (c) => c.notNull())
    .addColumn('actions', 'jsonb')
    .addColumn('note', 'text')
    .addColumn('snapshot', 'jsonb')
    .execute();
  await db.schema.createIndex('history_by_tenant').on('history').columns(['tenant_id', 'id']).execute();
  // One accepted event per version: the database itself refuses a history that forks.
  await sql`create unique index history_one_event_per_version on history (tenant_id, version) where kind = 'event'`.execute(
    db,
  );

  await db.schema
    .createTable('effect')
    .addColumn('id', 'uuid', (c) => c.primaryKey())
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('params', 'jsonb', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('job_id', 'uuid', (c) => c.notNull())
    .addColumn('runs', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('created_at', 'timestamptz', (c) => c.notNull())
    .addColumn('answered_at', 'timestamptz')
    .addColumn('answer', 'text')
    .execute();
  await db.schema.createIndex('effect_by_tenant').on('effect').columns(['tenant_id', 'created_at']).execute();
  await sql`create index effect_unanswered on effect (created_at) where answered_at is null`.execute(db);

  await db.schema
    .createTable('timer')
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('job_id', 'uuid', (c) => c.notNull())
    .addColumn('due_at', 'timestamptz', (c) => c.notNull())
    .addColumn('event', 'jsonb', (c) => c.notNull())
    .addPrimaryKeyConstraint('timer_pkey', ['tenant_id', 'name'])
    .execute();
  await db.schema.createIndex('timer_by_due').on('timer').column('due_at').execute();

  await db.schema
    .createTable('credential')
    .addColumn('id', 'uuid', (c) => c.primaryKey())
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('key_id', 'text', (c) => c.notNull())
    .addColumn('sealed', 'bytea', (c) => c.notNull())
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(now))
    .execute();
  await db.schema.createIndex('credential_by_key').on('credential').columns(['key_id', 'id']).execute();
  await db.schema.createIndex('credential_by_tenant').on('credential').column('tenant_id').execute();

  await db.schema
    .createTable('consent_attempt')
    .addColumn('id', 'uuid', (c) => c.primaryKey())
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('state_hash', 'bytea', (c) => c.notNull().unique())
    .addColumn('code_verifier_id', 'uuid')
    .addColumn('code_id', 'uuid')
    .addColumn('redirect_uri', 'text', (c) => c.notNull())
    .addColumn('return_to', 'text')
    .addColumn('created_at', 'timestamptz', (c) => c.notNull())
    .addColumn('expires_at', 'timestamptz', (c) => c.notNull())
    .addColumn('consumed_at', 'timestamptz')
    .addColumn('confirmation_hash', 'bytea')
    .execute();
  await db.schema.createIndex('consent_attempt_by_tenant').on('consent_attempt').column('tenant_id').execute();

  await db.schema
    .createTable('oauth_grant')
    .addColumn('id', 'uuid', (c) => c.primaryKey())
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('client_id', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull().check(sql`status in ('candidate', 'current', 'retired', 'wiped')`))
    .addColumn('account_uri', 'text')
    .addColumn('organization_uri', 'text')
    .addColumn('account_email', 'text')
    .addColumn('account_name', 'text')
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('access_token_id', 'uuid')
    .addColumn('refresh_token_id', 'uuid')
    .addColumn('expires_at', 'timestamptz', (c) => c.notNull())
    .addColumn('refreshed_at', 'timestamptz', (c) => c.notNull())
    .addColumn('access_rejected_at', 'timestamptz')
    .addColumn('lost_at', 'timestamptz')
    .addColumn('created_at', 'timestamptz', (c) => c.notNull())
    .addColumn('wiped_at', 'timestamptz')
    .execute();
  await db.schema.createIndex('oauth_grant_by_tenant').on('oauth_grant').column('tenant_id').execute();
  await sql`create unique index oauth_grant_one_current on oauth_grant (tenant_id) where status = 'current'`.execute(
    db,
  );

  // One row per presentation of a refresh token: written and committed before the token leaves this process.
  await db.schema
    .createTable('refresh_intent')
    .addColumn('id', 'uuid', (c) => c.primaryKey())
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('grant_id', 'uuid', (c) => c.notNull().references('oauth_grant.id').onDelete('cascade'))
    .addColumn('refresh_token_id', 'uuid', (c) => c.notNull())
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('instance', 'text', (c) => c.notNull())
    .addColumn('started_at', 'timestamptz', (c) => c.notNull())
    .addColumn('answered_at', 'timestamptz')
    .addColumn('outcome', 'text')
    .execute();
  await db.schema
    .createIndex('refresh_intent_by_grant')
    .on('refresh_intent')
    .columns(['grant_id', 'started_at'])
    .execute();
  await sql`create unique index refresh_intent_one_open on refresh_intent (grant_id) where answered_at is null`.execute(
    db,
  );

  await db.schema
    .createTable('subscription')
    .addColumn('id', 'uuid', (c) => c.primaryKey())
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('grant_id', 'uuid', (c) => c.notNull())
    .addColumn('account_uri', 'text', (c) => c.notNull())
    .addColumn('organization_uri', 'text', (c) => c.notNull())
    .addColumn('callback_url', 'text', (c) => c.notNull().unique())
    .addColumn('signing_key_id', 'uuid')
    .addColumn('status', 'text', (c) =>
      c.notNull().check(sql`status in ('creating', 'live', 'replaced', 'retired', 'deleted')`),
    )
    .addColumn('uri', 'text')
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('events', sql`text[]`, (c) => c.notNull())
    .addColumn('remote_state', 'text')
    .addColumn('remote_created_at', 'timestamptz')
    .addColumn('retry_started_at', 'timestamptz')
    .addColumn('create_sent_at', 'timestamptz')
    .addColumn('created_at', 'timestamptz', (c) => c.notNull())
    .addColumn('last_delivery_at', 'timestamptz')
    .execute();
  await db.schema.createIndex('subscription_by_tenant').on('subscription').columns(['tenant_id', 'status']).execute();

  await db.schema
    .createTable('debt')
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull().check(sql`kind in ('subscription', 'grant')`))
    .addColumn('grant_id', 'uuid', (c) => c.notNull())
    .addColumn('subscription_id', 'uuid')
    .addColumn('account_uri', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('last_error', 'jsonb')
    .addColumn('created_at', 'timestamptz', (c) => c.notNull())
    .addColumn('settled_at', 'timestamptz')
    .addPrimaryKeyConstraint('debt_pkey', ['tenant_id', 'id'])
    .execute();
  await sql`create index debt_open on debt (created_at) where settled_at is null`.execute(db);

  await db.schema
    .createTable('exchange')
    .addColumn('id', 'uuid', (c) => c.primaryKey())
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('effect_id', 'uuid')
    .addColumn('effect', 'text')
    .addColumn('attempt', 'integer')
    .addColumn('method', 'text', (c) => c.notNull())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('status', 'integer')
    .addColumn('failure', 'text')
    .addColumn('request_body', 'jsonb')
    .addColumn('headers', 'jsonb')
    .addColumn('body', 'jsonb')
    .addColumn('request_id', 'text')
    .addColumn('started_at', 'timestamptz', (c) => c.notNull())
    .addColumn('duration_ms', 'integer', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('exchange_by_tenant').on('exchange').columns(['tenant_id', 'started_at', 'id']).execute();
  await db.schema.createIndex('exchange_by_effect').on('exchange').column('effect_id').execute();
  await db.schema.createIndex('exchange_by_age').on('exchange').column('started_at').execute();
}
