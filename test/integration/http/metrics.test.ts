import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { keptLabelsOf, selectorsOf } from './read-promql.ts';
import { seriesOf } from './read-series.ts';

interface Panel {
  title: string;
  targets?: { expr: string; legendFormat: string }[];
}

let running: TestService;
beforeAll(async () => void (running = await startTestService()));
afterAll(() => running.stop());

/** Value by series, as it stands in the exposition. */
async function scrape(): Promise<Map<string, number>> {
  const text = await (await fetch(`${running.url}/metrics`)).text();
  return new Map(
    text
      .split('\n')
      .filter((line) => line.startsWith('calendly_'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
  );
}

test('an empty service has every metric, at zero', async () => {
  const metrics = await scrape();
  expect(metrics.get('calendly_tenants{state="connected"}')).toBe(0);
  expect(metrics.get('calendly_refreshes_last_hour{outcome="in_doubt"}')).toBe(0);
  expect(metrics.get('calendly_grants_in_doubt')).toBe(0);
  expect(metrics.get('calendly_debts{age="over_1d"}')).toBe(0);
  expect(metrics.get('calendly_booking_to_visible_seconds_count')).toBe(0);
});

describe('the alert rules and the dashboard', () => {
  const docs = fileURLToPath(new URL('../../../docs/observability/', import.meta.url));
  const read = (name: string) => readFileSync(join(docs, name), 'utf8');
  const { groups } = parse(read('alerts.yaml')) as {
    groups: { rules: { alert: string; expr: string; annotations: object }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  const { panels } = JSON.parse(read('dashboard.json')) as { panels: Panel[] };
  const shown = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ title, expr, legend: legendFormat })),
  );

  test('ask for series that a service has from its start', async () => {
    const series = await seriesOf(running.url);
    const missing = [
      ...rules.map(({ alert, expr }) => ({ of: alert, expr })),
      ...shown.map(({ title, expr }) => ({ of: title, expr })),
    ]
      .flatMap(({ of, expr }) => selectorsOf(expr).map((selector) => ({ of, ...selector })))
      .filter(({ name }) => name !== 'up') // Prometheus' own
      .filter(({ name, matches }) => !series.some((each) => each.name === name && matches(each.labels)));
    expect(missing.map(({ of, text }) => `${of}: ${text}`)).toEqual([]);
    expect(rules.length).toBeGreaterThan(12);
    expect(shown.length).toBeGreaterThan(12);
  });

  test('name labels that these series have, and legends labels that are kept', async () => {
    const labels = new Set([
      'instance',
      'job',
      ...(await seriesOf(running.url)).flatMap((each) => Object.keys(each.labels)),
    ]);
    const kept = [...rules, ...shown].flatMap(({ expr }) => keptLabelsOf(expr));
    expect(kept.filter((label) => !labels.has(label))).toEqual([]);
    const inTexts = [
      ...rules.map(({ alert, expr, annotations }) => ({
        of: alert,
        expr,
        text: JSON.stringify(annotations),
        form: /\$labels\.(\w+)/g,
      })),
      ...shown.map(({ title, expr, legend }) => ({ of: title, expr, text: legend, form: /\{\{(\w+)\}\}/g })),
    ];
    const lost = inTexts.flatMap(({ of, expr, text, form }) =>
      [...text.matchAll(form)]
        .filter(([, label]) => !keptLabelsOf(expr).includes(label!))
        .map(([, label]) => `${of}: ${label}`),
    );
    expect(lost).toEqual([]);
  });
});

test('a connection, a refresh, a booking and its copy, and a debt are counted', async () => {
  const { api, sandbox } = running;
  await connectTenant(running, 'acme', 'alice');
  await api('POST', `${connectionPath('acme')}/refresh`);
  sandbox.controls.book({ account: 'alice', name: 'Gina Guest', email: 'gina@guest.example' });
  const metrics = await waitFor(
    async () => {
      const now = await scrape();
      return now.get('calendly_booking_to_visible_seconds_count') === 1 &&
        now.get('calendly_refreshes_last_hour{outcome="refreshed"}') === 1
        ? now
        : undefined;
    },
    { describe: 'the booking and the refresh' },
  );
  expect(metrics.get('calendly_tenants{state="connected"}')).toBe(1);
  expect(metrics.get('calendly_deliveries_total{verdict="applied"}')).toBe(1);
  expect(metrics.get('calendly_booking_to_visible_seconds_sum')).toBeLessThan(60);
  expect(metrics.get('calendly_transitions_total{from="disconnected.idle",to="authorizing.awaitingConsent"}')).toBe(1);

  sandbox.controls.faults.add({
    method: 'DELETE',
    path: '/webhook_subscriptions*',
    times: 'forever',
    kind: 'respond',
    status: 503,
  });
  await api('DELETE', connectionPath('acme'));
  expect((await scrape()).get('calendly_debts{age="under_1h"}')).toBe(2);
});

test('no metric names a tenant, an account or a meeting', async () => {
  const text = await (await fetch(`${running.url}/metrics`)).text();
  expect(text).not.toMatch(/acme|alice|gina|users\/|https?:/i);
});
