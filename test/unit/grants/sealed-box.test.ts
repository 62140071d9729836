import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SealedBoxError, createSealedBox } from '../../../src/grants/sealed-box.ts';

const context = { tenantId: 'acme', purpose: 'refresh_token', credentialId: 'f0a0c1c6-58b3-4a35-8b5c-6f8a24b1f6a2' };
const oldKey = { id: 'old', key: randomBytes(32) };
const newKey = { id: 'new', key: randomBytes(32) };
const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error instanceof SealedBoxError ? error.code : error;
  }
  return 'none';
};

describe('a sealed box', () => {
  test('opens what it sealed, whatever the text', () => {
    const box = createSealedBox([newKey]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => box.open(box.seal(text, context), context) === text),
      { numRuns: 50 },
    );
  });

  test('seals the same text differently each time, and never readably', () => {
    const box = createSealedBox([newKey]);
    const [one, two] = [box.seal('canary-token', context), box.seal('canary-token', context)];
    expect(one.sealed.equals(two.sealed)).toBe(false);
    expect(one.sealed.toString('latin1')).not.toContain('canary');
    expect(one.sealed).toHaveLength(12 + 'canary-token'.length + 16);
  });

  test('seals with its first key and opens with any', () => {
    const before = createSealedBox([oldKey]).seal('token', context);
    const box = createSealedBox([newKey, oldKey]);
    expect(box.open(before, context)).toBe('token');
    expect(box.seal('token', context).keyId).toBe('new');
    expect(box.currentKeyId).toBe('new');
  });

  test('does not open for another tenant, purpose or row', () => {
    const box = createSealedBox([newKey]);
    const sealed = box.seal('token', context);
    for (const other of [{ tenantId: 'acme2' }, { purpose: 'access_token' }, { credentialId: 'other' }]) {
      expect(codeOf(() => box.open(sealed, { ...context, ...other }))).toBe('not_authentic');
    }
    const shifted = box.seal('token', { tenantId: 'a","b', purpose: 'c', credentialId: 'd' });
    expect(codeOf(() => box.open(shifted, { tenantId: 'a', purpose: 'b","c', credentialId: 'd' }))).toBe(
      'not_authentic',
    );
  });

  test('does not open when any byte was altered or cut', () => {
    const box = createSealedBox([newKey]);
    const { keyId, sealed } = box.seal('token', context);
    for (let index = 0; index < sealed.length; index++) {
      const altered = Buffer.from(sealed);
      altered[index]! ^= 1;
      expect(codeOf(() => box.open({ keyId, sealed: altered }, context))).toBe('not_authentic');
      expect(codeOf(() => box.open({ keyId, sealed: sealed.subarray(0, index) }, context))).toBe('not_authentic');
    }
  });

  test('names a key that it does not have as the reason', () => {
    const sealed = createSealedBox([oldKey]).seal('token', context);
    expect(codeOf(() => createSealedBox([newKey]).open(sealed, context))).toBe('unknown_key');
    expect(codeOf(() => createSealedBox([newKey]).open({ ...sealed, keyId: 'new' }, context))).toBe('not_authentic');
  });

  test('is not made without sound keys', () => {
    expect(codeOf(() => createSealedBox([]))).toBe('no_key');
    expect(codeOf(() => createSealedBox([newKey, { ...oldKey, id: 'new' }]))).toBe('repeated_key_id');
    expect(codeOf(() => createSealedBox([{ id: 'a', key: randomBytes(16) }]))).toBe('wrong_key_length');
  });
});
