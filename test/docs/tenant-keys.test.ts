import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Generated from the migrations, and compared with them by another test. */
const schema = readFileSync(new URL('../../docs/schema.sql', import.meta.url), 'utf8');

/**
 * Over more than one PostgreSQL, the rows of a tenant lie together, and a unique key can only be held where it contains the tenant.
 * Those that do not are here, each with what would become of it: `docs/performance.md` says how.
 */
const TABLES_OF_NO_TENANT: Record<string, string> = {
  ended_session: 'of operators: on every shard',
  host_event_feed: "the feed's counter: one for each shard",
  installation: 'one row: on every shard',
  service_run: 'one row: one for each shard',
};
const RANDOM = 'a random id is unique without a key; (tenant_id, id) does the same';
const COUNTED = 'counted in one database; (tenant_id, id) with a counter for each shard';
const OF_A_TENANT = 'what it names belongs to one tenant; (tenant_id, …) does the same';
const FINDS_TENANT = 'comes from outside without a tenant: a table on every shard says whose it is';
const KEYS_WITHOUT_TENANT: Record<string, string> = {
  audit_pkey: COUNTED,
  connection_import_pkey: RANDOM,
  consent_attempt_pkey: RANDOM,
  consent_attempt_state_hash_key: FINDS_TENANT,
  consent_attempt_by_ticket: `${RANDOM}; the route names the tenant`,
  credential_pkey: RANDOM,
  delivery_pkey: COUNTED,
  delivery_applied_once: 'the hash contains the tenant',
  effect_pkey: RANDOM,
  exchange_pkey: RANDOM,
  history_pkey: COUNTED,
  host_event_pkey: RANDOM,
  host_event_position_key: 'the order of one feed: a feed for each shard',
  host_event_half_pkey: OF_A_TENANT,
  meeting_pkey: 'the id is made of tenant, account and invitee',
  oauth_grant_pkey: RANDOM,
  refresh_intent_pkey: RANDOM,
  refresh_intent_one_open: OF_A_TENANT,
  subscription_pkey: FINDS_TENANT,
  subscription_callback_url_key: 'contains the id of the subscription',
  superseded_access_token_pkey: OF_A_TENANT,
};

const tables = [...schema.matchAll(/^create table (\w+) \(\n([^]*?)\n\);/gm)].map(([, name, body]) => ({
  name: name!,
  isOfTenants: /^ {2}tenant_id text/m.test(body!),
  keys: [...body!.matchAll(/constraint (\w+) (?:PRIMARY KEY|UNIQUE) \((.*?)\)/g)].map(([, key, columns]) => ({
    key: key!,
    columns: columns!,
  })),
}));
const uniqueIndexes = [...schema.matchAll(/^create unique index (\w+) on (\w+) \((.*?)\)/gm)].map(
  ([, key, table, columns]) => ({ key: key!, table: table!, columns: columns! }),
);

test('every table is keyed by tenant, or named here', () => {
  expect(tables.length).toBeGreaterThan(20);
  const others = tables.filter(({ isOfTenants }) => !isOfTenants).map(({ name }) => name);
  expect(others.sort()).toEqual(Object.keys(TABLES_OF_NO_TENANT).sort());
});

test('every primary key and unique index of tenants contains the tenant, or is named here with a reason', () => {
  const keys = [
    ...tables.filter(({ isOfTenants }) => isOfTenants).flatMap((table) => table.keys),
    ...uniqueIndexes.filter(({ table }) => !(table in TABLES_OF_NO_TENANT)),
  ];
  const without = keys.filter(({ columns }) => !/\btenant_id\b/.test(columns)).map(({ key }) => key);
  expect(without.sort()).toEqual(Object.keys(KEYS_WITHOUT_TENANT).sort());
});
