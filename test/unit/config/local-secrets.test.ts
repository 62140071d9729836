import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { ensureLocalSecrets } from '../../../src/config/local-secrets.ts';

describe('ensureLocalSecrets', () => {
  let dataDir: string;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'local-secrets-'))));
  afterEach(() => rmSync(dataDir, { recursive: true }));

  test('generates once and keeps what it generated, readable by its owner alone', () => {
    const first = ensureLocalSecrets(dataDir);
    expect(ensureLocalSecrets(dataDir)).toEqual(first);
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['secrets.json']);
  });

  test('generates what the configuration accepts, in a folder that is not there yet', () => {
    const config = loadConfig({}, { dataDir: join(dataDir, 'deeper', '.data') });
    expect(config.encryptionKeys).toHaveLength(1);
    expect(config.calendly.clientSecret).toHaveLength(64);
  });

  test('adds what an older file lacks and keeps the rest', () => {
    const { API_KEYS, ...older } = ensureLocalSecrets(dataDir);
    writeFileSync(join(dataDir, 'secrets.json'), JSON.stringify(older));
    const completed = ensureLocalSecrets(dataDir);
    expect(completed).toMatchObject(older);
    expect(completed.API_KEYS).not.toBe(API_KEYS);
    expect(ensureLocalSecrets(dataDir)).toEqual(completed);
  });

  test.each(['', '{"ENCRYPTION_KEYS":"canary', '[]', '{}', '{"API_KEYS":7}'])(
    'leaves an unreadable file as it is: %s',
    (content) => {
      const path = join(dataDir, 'secrets.json');
      writeFileSync(path, content);
      expect(() => ensureLocalSecrets(dataDir)).toThrow(/does not hold the generated secrets/);
      expect(readFileSync(path, 'utf8')).toBe(content);
    },
  );
});
