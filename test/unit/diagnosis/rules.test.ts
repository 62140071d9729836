import { describe, expect, test } from 'vitest';
import type { Debt } from '../../../machines/connection/index.ts';
import { diagnose } from '../../../src/diagnosis/diagnose.ts';
import { TOPICS, WELL } from '../../../src/diagnosis/topics.ts';
import { ago, factsOf, stuckIn, type Change } from './facts-of.ts';

const away = (place: string, given: Change = {}): Change => ({
  place,
  ...given,
  context: { grant: null, delivery: null, subscription: null, ...given.context },
});
const problem = { code: 'x', message: 'No.', at: ago(50), exchangeId: null };
const gone = (code: string) => away('disconnected.idle', { context: { problem: { ...problem, code } } });
const lost = (code: string, given: Change = {}) => stuckIn('error.needsReauthorization', code, given);
const forbidden = (code: string, given: Change = {}) => stuckIn('error.needsPermission', code, given);
const attention = (code: string, given: Change = {}) => stuckIn('error.needsAttention', code, given);
const retrying = (code: string, given: Change = {}) => stuckIn('error.retrying', code, given);
const debt = (status: Debt['status'], given: Debt['problem'] = problem): Debt => ({
  id: 'subscription:1',
  kind: 'subscription',
  grantId: 'grant',
  subscriptionId: '1',
  accountUri: null,
  status,
  attempts: 3,
  refusals: 0,
  problem: given,
});
const backfill = (given: object) =>
  ({ run: 4, state: 'done', reason: 'daily', failures: 0, again: null, incomplete: 0, ...given }) as never;
const run = { reason: 'daily', updatedAt: ago(40), finishedAt: null, recovered: 0, skipped: 0 };
const refused = (verdict: string): Change => ({
  deliveries: {
    refused: { count: 4, since: ago(20), verdict: `refused:${verdict}` },
    unreadable: null,
    unapplied: null,
  },
});
const answer = { status: 503, failure: null, path: 'GET /webhook_subscriptions' };
const failedCall = (given: { status?: number; failure?: string }) => ({
  exchangeId: 'exchange',
  at: ago(40),
  status: null,
  failure: null,
  path: 'GET /somewhere',
  ...given,
});
const service = { lastSeenAt: null, otherInstallation: null };

/** Every row of the table: facts that call for it, since when, and where telling a part of its sentence. */
const rows: Record<string, [facts: Change, since?: string, says?: string]> = {
  installation_changed: [
    { service: { ...service, otherInstallation: { publicUrl: 'https://a.example', adoptedAt: ago(90) } } },
    ago(90),
    'https://a.example',
  ],
  service_not_running: [{ service: { ...service, lastSeenAt: ago(10) } }, ago(10)],
  newer_release: [{ context: null }, ago(30)],
  work_overdue: [{ overdue: { what: 'watch', dueAt: ago(9) } }, ago(9)],
  erasing: [away('disconnected.settling', { eraseRequestedAt: ago(3) }), ago(3)],
  consent_awaited: [away('authorizing.awaitingConsent')],
  consent_awaited_again: [{ place: 'authorizing.awaitingConsent', context: { origin: 'needsReauthorization' } }],
  switch_awaited: [{ place: 'authorizing.awaitingConsent', context: { origin: 'webhooks' } }],
  switch_unconfirmed: [{ place: 'authorizing.confirmingAccount', context: { origin: 'webhooks' } }],
  account_unconfirmed: [{ place: 'authorizing.confirmingAccount', context: { origin: 'needsReauthorization' } }],
  consent_completing: [away('authorizing.identifyingAccount')],
  import_completing: [away('authorizing.provingImport')],
  import_retrying: [away('authorizing.retryingImport', { context: { problem }, answer }), ago(30), '503'],
  tokens_lost: [
    lost('invalid_grant', { refresh: { openSince: null, lostAnswerAt: ago(121), failedAt: null } }),
    ago(120),
  ],
  login_withdrawn: [lost('invalid_grant'), ago(120)],
  tokens_gone: [lost('grant_wiped')],
  access_refused: [lost('access_token_rejected')],
  consent_needed: [lost('something_new')],
  scope_missing: [
    forbidden('scope_missing', { context: { missingScopes: ['webhooks:write'] } }),
    ago(120),
    'webhooks:write',
  ],
  role_too_small: [forbidden('role_refused')],
  permission_refused: [forbidden('plan_refused')],
  client_rejected: [attention('client_rejected')],
  client_removed: [attention('client_removed')],
  issuer_changed: [attention('issuer_changed')],
  key_missing: [attention('credential_unreadable')],
  webhook_conflict: [retrying('webhook_conflict')],
  account_hidden: [attention('user_not_readable')],
  request_refused: [attention('request_refused', { answer: { ...answer, status: 409 } }), ago(120), 'answers 409'],
  attention_needed: [attention('something_new')],
  calendly_fails_for_many: [
    retrying('calendly_error', { answer, outage: { tenants: 37, since: ago(300) } }),
    ago(300),
    'Calendly answers 503, for many',
  ],
  calendly_failing: [
    retrying('calendly_error', { answer, outage: { tenants: 4, since: ago(300) } }),
    ago(120),
    'Calendly answers 503.',
  ],
  rate_limited: [retrying('rate_limited')],
  calendly_silent: [retrying('deadline_passed')],
  calendly_cuts_off: [retrying('calendly_connection_cut')],
  calendly_unreachable: [retrying('calendly_unreachable')],
  blocked_by_proxy: [retrying('forbidden_by_proxy')],
  redirected: [retrying('unexpected_redirect')],
  answer_unreadable: [retrying('endless_list')],
  create_in_doubt: [retrying('create_in_doubt')],
  retrying: [retrying('something_new')],
  refresh_in_doubt: [
    { place: 'refreshing.refreshingToken', refresh: { openSince: ago(1.2), lostAnswerAt: null, failedAt: null } },
    ago(1.2),
  ],
  token_renewing: [{ place: 'refreshing.refreshingToken', context: { routine: true } }],
  reconnecting: [{ place: 'refreshing.refreshingToken' }],
  login_checking: [{ place: 'refreshing.provingGrant', unwellSince: ago(2) }, ago(2)],
  webhooks_listing: [{ place: 'syncingWebhooks.listing' }],
  webhooks_clearing: [{ place: 'syncingWebhooks.clearing' }],
  webhook_creating: [{ place: 'syncingWebhooks.creating' }],
  webhooks_retiring: [{ place: 'syncingWebhooks.retiring' }],
  token_expired: [
    { context: { refreshFailures: 5, grant: { ...factsOf({}).context!.grant!, expiresAt: ago(2) } } },
    ago(2),
  ],
  client_rejected_at_refresh: [
    { context: { refreshFailures: 2 }, failed: { refresh: failedCall({ status: 401 }), backfill: null } },
    ago(60),
  ],
  refresh_failing: [
    { context: { refreshFailures: 2 }, failed: { refresh: failedCall({ failure: 'timeout' }), backfill: null } },
    ago(60),
    'Calendly does not answer in time',
  ],
  deliveries_unapplied: [
    {
      deliveries: {
        refused: null,
        unreadable: null,
        unapplied: { count: 2, since: ago(8), error: 'division by zero' },
      },
    },
    ago(8),
  ],
  clock_wrong: [refused('timestamp_too_new'), ago(20)],
  signature_wrong: [refused('signature_wrong')],
  signing_key_missing: [refused('no_key')],
  webhook_failing: [{ context: { retryStartedAt: ago(70) } }, ago(70)],
  deliveries_unreadable: [
    { deliveries: { refused: null, unreadable: { count: 1, since: ago(4) }, unapplied: null } },
    ago(4),
  ],
  polling_failing: [
    { place: 'connected.polling', run, context: { delivery: 'polling', backfill: backfill({ failures: 1 }) } },
    ago(40),
  ],
  polling: [{ place: 'connected.polling', context: { delivery: 'polling' } }, ago(30), 'every 15 minutes'],
  deliveries_slow: [{ webhook: { lastDeliveryAt: ago(1), slowSince: ago(35), slow: 3 } }, ago(35)],
  events_parked: [
    { host: { parked: { count: 2, since: ago(44), error: 'http_error (500)' }, refusing: null } },
    ago(44),
  ],
  host_refuses: [{ host: { parked: null, refusing: { attempts: 3, since: ago(11), error: 'timeout' } } }, ago(11)],
  meetings_hidden: [
    {
      run,
      context: { backfill: backfill({ state: 'waiting', failures: 3 }) },
      failed: { refresh: null, backfill: failedCall({ status: 403 }) },
    },
    ago(40),
    'Calendly answers 403',
  ],
  backfill_lagging: [{ run, context: { backfill: backfill({ state: 'running' }) } }, ago(40)],
  events_left_out: [{ run: { ...run, skipped: 2 }, context: { backfill: backfill({ incomplete: 1 }) } }],
  deliveries_missed: [{ run: { ...run, finishedAt: ago(40), recovered: 2 } }],
  backfill_waiting: [
    { run, context: { backfill: backfill({ state: 'waiting', failures: 1 }) } },
    ago(40),
    'the reason is not stored',
  ],
  backfill_running: [{ run: { ...run, updatedAt: ago(1) }, context: { backfill: backfill({ state: 'running' }) } }],
  consent_denied: [gone('consent_denied'), ago(50)],
  consent_expired: [gone('consent_expired')],
  account_declined: [gone('account_declined')],
  client_rejected_at_consent: [gone('client_rejected')],
  code_refused: [gone('code_refused')],
  consent_came_to_nothing: [gone('calendly_error')],
  disconnected_owing: [away('disconnected.settling', { context: { debts: [debt('trying', null)] } })],
  never_connected: [away('disconnected.idle', { version: 0 })],
  disconnected: [away('disconnected.idle')],
  debt_blocked: [{ context: { debts: [debt('waiting'), debt('blocked')] } }, ago(50)],
  debt_waiting: [{ context: { debts: [debt('waiting')] } }],
  debts_settling: [{ context: { debts: [debt('trying', null)] } }],
  well: [{}, ago(30)],
  well_unheard: [{ webhook: { lastDeliveryAt: null, slowSince: null, slow: 0 } }],
};
const all = [...TOPICS.flat(), ...WELL];

test.each(Object.entries(rows))('%s', (code, [given, since, says]) => {
  const diagnosis = diagnose(factsOf(given));
  expect(diagnosis.code).toBe(code);
  if (since !== undefined) expect(diagnosis.since).toBe(since);
  if (says !== undefined) expect(diagnosis.headline).toContain(says);
  expect(diagnosis.headline).not.toMatch(/[{}?]/);
});

test('every row of the table is tried, and each code is there once', () => {
  expect(Object.keys(rows).sort()).toEqual(all.map(({ code }) => code).sort());
});

describe('two causes', () => {
  test('the one that explains more comes first, the other is told besides', () => {
    const parked = { count: 1, since: ago(9), error: 'timeout' };
    const { code, also } = diagnose(
      factsOf({
        ...lost('invalid_grant', { context: { debts: [debt('blocked')] } }),
        host: { parked, refusing: null },
      }),
    );
    expect([code, ...also.map((finding) => finding.code)]).toEqual([
      'login_withdrawn',
      'events_parked',
      'debt_blocked',
    ]);
  });

  test('a consent that is awaited does not hide why it is needed', () => {
    const { code, also } = diagnose(
      factsOf({
        ...lost('invalid_grant'),
        place: 'authorizing.awaitingConsent',
        context: { origin: 'needsReauthorization', problem: { ...problem, code: 'invalid_grant' } },
      }),
    );
    expect([code, ...also.map((finding) => finding.code)]).toEqual(['consent_awaited_again', 'login_withdrawn']);
  });
});
