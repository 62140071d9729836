// Generated from the migrated schema by `npm run generate:types`. Do not edit.

import type { ColumnType } from "kysely";

export type Generated<T> = T extends ColumnType<infer S, infer I, infer U>
  ? ColumnType<S, I | undefined, U>
  : ColumnType<T, T | undefined, T>;

export type Json = JsonValue;

export type JsonArray = JsonValue[];

export type JsonObject = {
  [x: string]: JsonValue | undefined;
};

export type JsonPrimitive = boolean | number | string | null;

export type JsonValue = JsonArray | JsonObject | JsonPrimitive;

export type Timestamp = ColumnType<Date, Date | string, Date | string>;

export interface Audit {
  action: string;
  actor: string;
  actor_kind: string;
  address: string | null;
  at: Timestamp;
  id: Generated<number>;
  outcome: string;
  reason: string | null;
  tenant_id: string | null;
}

export interface Backfill {
  events: Generated<number>;
  finished_at: Timestamp | null;
  grant_id: string;
  meetings: Generated<number>;
  position: string | null;
  reason: string;
  recovered: Generated<number>;
  run: number;
  skipped: Generated<number>;
  stalled: Generated<number>;
  started_at: Timestamp;
  tenant_id: string;
  updated_at: Timestamp;
  window_from: Timestamp;
}

export interface BackfillEvent {
  event_uri: string;
  run: number;
  tenant_id: string;
}

export interface Connection {
  account_uri: string | null;
  backfill_asked_at: Timestamp | null;
  client: string | null;
  created_at: Generated<Timestamp>;
  erase_requested_at: Timestamp | null;
  last_account_uri: string | null;
  machine_version: number;
  since: Timestamp;
  snapshot: Json;
  state: string;
  substate: string | null;
  tenant_id: string;
  unwell_since: Timestamp | null;
  updated_at: Generated<Timestamp>;
  version: number;
}

export interface ConnectionImport {
  created_at: Timestamp;
  ended_at: Timestamp | null;
  grant_id: string;
  id: string;
  message: string | null;
  outcome: string | null;
  reason: string | null;
  tenant_id: string;
  token_hash: Buffer;
}

export interface ConsentAttempt {
  client: Generated<string>;
  code_id: string | null;
  code_verifier_id: string | null;
  completion: string | null;
  confirmation_hash: Buffer | null;
  consumed_at: Timestamp | null;
  created_at: Timestamp;
  expires_at: Timestamp;
  id: string;
  outcome: string | null;
  reason: string | null;
  redirect_uri: string;
  return_to: string | null;
  state_hash: Buffer;
  tenant_id: string;
  ticket_expires_at: Timestamp | null;
  ticket_hash: Buffer | null;
}

export interface Credential {
  created_at: Generated<Timestamp>;
  id: string;
  key_id: string;
  purpose: string;
  sealed: Buffer;
  tenant_id: string;
}

export interface Debt {
  account_uri: string | null;
  attempts: Generated<number>;
  created_at: Timestamp;
  grant_id: string;
  id: string;
  kind: string;
  last_error: Json | null;
  settled_at: Timestamp | null;
  status: string;
  subscription_id: string | null;
  tenant_id: string;
}

export interface Delivery {
  account_uri: string;
  application_key: string | null;
  attempts: Generated<number>;
  body: Buffer | null;
  body_bytes: number;
  dedupe_key: Buffer | null;
  event: string | null;
  event_uri: string | null;
  id: Generated<number>;
  invitee_uri: string | null;
  last_error: string | null;
  next_attempt_at: Timestamp | null;
  received_at: Timestamp;
  signed_at: Timestamp | null;
  signing_key_id: string | null;
  subscription_id: string;
  tenant_id: string;
  traceparent: string | null;
  verdict: string;
}

export interface Effect {
  answer: string | null;
  answered_at: Timestamp | null;
  begun_at: Timestamp | null;
  created_at: Timestamp;
  deferred: Json | null;
  id: string;
  job_id: string;
  params: Json;
  priority: Generated<number>;
  runs: Generated<number>;
  tenant_id: string;
  traceparent: string | null;
  type: string;
  version: number;
}

export interface EndedSession {
  expires_at: Timestamp;
  id: string;
}

export interface Exchange {
  attempt: number | null;
  body: Json | null;
  duration_ms: number;
  effect: string | null;
  effect_id: string | null;
  failure: string | null;
  headers: Json | null;
  id: string;
  method: string;
  path: string;
  request_body: Json | null;
  request_id: string | null;
  started_at: Timestamp;
  status: number | null;
  tenant_id: string;
}

export interface History {
  actions: Json | null;
  at: Timestamp;
  cause: Json;
  event: Json | null;
  from_state: string | null;
  id: Generated<number>;
  kind: string;
  machine_version: number;
  note: string | null;
  snapshot: Json | null;
  tenant_id: string;
  to_state: string | null;
  version: number;
}

export interface HostEvent {
  attempts: Generated<number>;
  body: Json;
  claim_id: string | null;
  claimed_until: Timestamp | null;
  first_attempt_at: Timestamp | null;
  id: string;
  lanes: string[];
  last_error: Json | null;
  next_attempt_at: Timestamp | null;
  parked_at: Timestamp | null;
  position: number | null;
  recorded_at: Timestamp;
  resend_asked: Generated<boolean>;
  sent_at: Timestamp | null;
  seq: Generated<number>;
  status: Generated<string>;
  tenant_id: string;
  traceparent: string | null;
  type: string;
}

export interface HostEventFeed {
  id: Generated<boolean>;
  last_position: number;
  pruned_through: number;
}

export interface HostEventHalf {
  data: Json;
  held_at: Timestamp;
  meeting_id: string;
  partner_id: string;
  tenant_id: string;
  type: string;
}

export interface Installation {
  adopted_at: Generated<Timestamp>;
  api_base_url: string;
  client_id: string;
  id: Generated<boolean>;
  public_url: string;
}

export interface Meeting {
  account_uri: string;
  cancel_url: string | null;
  canceled: boolean;
  email: string | null;
  event_uri: string;
  id: string;
  invitee_uri: string;
  listed_canceled: Generated<boolean>;
  listed_start: Generated<string>;
  name: string | null;
  no_show_at: string | null;
  no_show_marked_at: string | null;
  no_show_removed_at: string | null;
  no_show_uri: string | null;
  received_at: Timestamp;
  reschedule_url: string | null;
  rescheduled_from: string | null;
  rescheduled_to: string | null;
  source: string;
  tenant_id: string;
  timezone: string | null;
  updated_at: string;
}

export interface OauthGrant {
  access_rejected_at: Timestamp | null;
  access_token_id: string | null;
  account_email: string | null;
  account_name: string | null;
  account_uri: string | null;
  client: Generated<string>;
  client_id: string;
  created_at: Timestamp;
  expires_at: Timestamp;
  id: string;
  issuer: string;
  lost_at: Timestamp | null;
  organization_uri: string | null;
  refresh_failed_at: Timestamp | null;
  refresh_failures: Generated<number>;
  refresh_not_before: Timestamp | null;
  refresh_token_id: string | null;
  refreshed_at: Timestamp;
  revoking_at: Timestamp | null;
  scope: string;
  shared: Generated<boolean>;
  status: string;
  tenant_id: string;
  wiped_at: Timestamp | null;
}

export interface RefreshIntent {
  answered_at: Timestamp | null;
  attempt: number;
  grant_id: string;
  id: string;
  instance: string;
  outcome: string | null;
  refresh_token_id: string;
  started_at: Timestamp;
  tenant_id: string;
}

export interface ScheduledEvent {
  account_uri: string;
  end_time: string | null;
  event_type: string | null;
  location: Json | null;
  name: string | null;
  start_time: string | null;
  status: string | null;
  tenant_id: string;
  updated_at: string | null;
  uri: string;
}

export interface ServiceRun {
  gap_since: Timestamp | null;
  gap_until: Timestamp | null;
  id: Generated<boolean>;
  last_seen_at: Timestamp;
}

export interface Subscription {
  account_uri: string;
  callback_url: string;
  create_sent_at: Timestamp | null;
  created_at: Timestamp;
  events: string[];
  grant_id: string;
  id: string;
  imported: Generated<boolean>;
  last_delivery_at: Timestamp | null;
  organization_uri: string;
  remote_created_at: Timestamp | null;
  remote_state: string | null;
  retry_started_at: Timestamp | null;
  scope: string;
  signing_key_id: string | null;
  slow_deliveries: Generated<number>;
  slow_since: Timestamp | null;
  status: string;
  tenant_id: string;
  uri: string | null;
}

export interface SupersededAccessToken {
  credential_id: string;
  expires_at: Timestamp;
  grant_id: string;
  tenant_id: string;
}

export interface TenantSettings {
  backfill_hours: number | null;
  backfill_past_days: number | null;
  changed_at: Timestamp;
  polling_minutes: number | null;
  tenant_id: string;
  webhook_events: string[] | null;
  webhook_scope: string | null;
}

export interface Timer {
  claimed_until: Timestamp | null;
  due_at: Timestamp;
  event: Json;
  failures: Generated<number>;
  job_id: string;
  name: string;
  tenant_id: string;
}

export interface UnreadableEvent {
  account_uri: string;
  code: string;
  event_uri: string;
  first_at: Timestamp;
  next_at: Timestamp;
  tenant_id: string;
  tries: number;
}

export interface DB {
  audit: Audit;
  backfill: Backfill;
  backfill_event: BackfillEvent;
  connection: Connection;
  connection_import: ConnectionImport;
  consent_attempt: ConsentAttempt;
  credential: Credential;
  debt: Debt;
  delivery: Delivery;
  effect: Effect;
  ended_session: EndedSession;
  exchange: Exchange;
  history: History;
  host_event: HostEvent;
  host_event_feed: HostEventFeed;
  host_event_half: HostEventHalf;
  installation: Installation;
  meeting: Meeting;
  oauth_grant: OauthGrant;
  refresh_intent: RefreshIntent;
  scheduled_event: ScheduledEvent;
  service_run: ServiceRun;
  subscription: Subscription;
  superseded_access_token: SupersededAccessToken;
  tenant_settings: TenantSettings;
  timer: Timer;
  unreadable_event: UnreadableEvent;
}
