import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { SECRET_NAMES, Settings } from '../../src/config/settings.ts';

const read = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../docs/deploy/${name}`, import.meta.url)), 'utf8');
const known = new Set([...Object.keys(Settings.properties), ...SECRET_NAMES.map((name) => `${name}_FILE`)]);
/** What the service does not start without; the secrets among them from files. */
const NEEDED = [
  'API_KEYS_FILE',
  'CALENDLY_CLIENT_ID',
  'CALENDLY_CLIENT_SECRET_FILE',
  'DATABASE_URL_FILE',
  'ENCRYPTION_KEYS_FILE',
  'INSPECTOR_PASSWORD_FILE',
  'PUBLIC_URL',
];

test('compose gives the service every secret as a file that is mounted, read-only, and 90 s to stop', () => {
  const { services, secrets } = parse(read('compose.yaml'));
  const { service } = services;
  expect(Object.keys(service.environment).sort()).toEqual(NEEDED);
  for (const [name, value] of Object.entries<string>(service.environment).filter(([key]) => key.endsWith('_FILE')))
    expect(service.secrets, name).toContain(value.replace('/run/secrets/', ''));
  for (const name of service.secrets) expect(Object.keys(secrets)).toContain(name);
  expect(service).toMatchObject({ read_only: true, user: '65534:65534', stop_grace_period: '90s' });
});

test('the manifests run it unprivileged on a read-only tree, with probes and 90 s to stop', () => {
  const documents = parseAllDocuments(read('kubernetes.yaml'));
  expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  const [deployment, service] = documents.map((each) => each.toJS());
  const pod = deployment.spec.template.spec;
  const [container] = pod.containers;
  expect(pod).toMatchObject({ terminationGracePeriodSeconds: 90, securityContext: { runAsNonRoot: true } });
  expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
  expect(container.env.map(({ name }: { name: string }) => name).sort()).toEqual(NEEDED);
  expect(container.readinessProbe.httpGet.path).toBe('/health/ready');
  expect(container.livenessProbe.httpGet.path).toBe('/health/live');
  expect(service.spec.selector).toEqual(deployment.spec.template.metadata.labels);
});

test('the unit and the image name settings that exist, and no secret', () => {
  const unit = read('calendly-reconnect.service');
  const set = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, line]) =>
    line!.split(' ').map((pair) => pair.split('=')[0]!),
  );
  expect(set.filter((name) => name !== 'MODE').sort()).toEqual(NEEDED);
  expect(unit).toMatch(/^TimeoutStopSec=90$/m);
  expect(unit).toMatch(/^RestartPreventExitStatus=78$/m);
  const ofImage = /^ENV (.*)$/m
    .exec(read('Containerfile'))![1]!
    .split(' ')
    .map((pair) => pair.split('=')[0]!);
  expect(ofImage.filter((name) => name !== 'NODE_ENV' && !known.has(name))).toEqual([]);
  expect(read('Containerfile')).toMatch(/^USER 65534:65534$/m);
});
