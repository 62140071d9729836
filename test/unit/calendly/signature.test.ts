import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifyDelivery, type SigningKey, type VerifiedDelivery } from '../../../src/calendly/signature.ts';
import { signDelivery } from '../../support/calendly/sign-delivery.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const keyOf = (id: string, value: string): SigningKey => ({ id, of: 'subscription', value });
const keys = [keyOf('own', 'signing-key-of-this-subscription')];
const body = Buffer.from('{"event":"invitee.created","payload":{"name":"Zoë"}}');
const header = signDelivery(body, keys[0]!.value, now);
const [t, v1] = header.split(',') as [string, string];
const verify = (given: string | undefined, bytes = body, with_ = keys, at = now) =>
  verifyDelivery(bytes, given, with_, at);
const seconds = (n: number) => new Date(now.getTime() + n * 1000);

describe('verifyDelivery', () => {
  test('agrees with an independently computed signature', () => {
    // printf '1703438858.{"a":1}' | openssl dgst -sha256 -hmac key
    const known = 't=1703438858,v1=412988ab1f2ed853494775803a3c553e391c773f62a9baa6f8d32e8f89f33aaf';
    const verified = verify(known, Buffer.from('{"a":1}'), [keyOf('k', 'key')], new Date(1703438859_000));
    expect(verified).toMatchObject({ key: { id: 'k', of: 'subscription' }, signedAt: new Date(1703438858_000) });
  });

  test('hands back the bytes, when they were signed and which key matched', () => {
    const verified = verify(header, body, [keyOf('other', 'x'), ...keys]) as VerifiedDelivery;
    expect(verified.rawBody).toBe(body);
    expect(verified.signedAt).toEqual(now);
    expect(verified.key).toEqual({ id: 'own', of: 'subscription' });
  });

  test.each([
    `${v1},${t}`,
    ` ${t} ,  ${v1} `,
    `${t},v1=${'0'.repeat(64)},${v1}`,
    `${t},${v1},v1=${'0'.repeat(64)}`,
    `${t},v1=not-hex,${v1}`,
    `${t},${t},${v1}`,
    `${t},v0=abc,${v1},v2=def`,
    `${t},v1=${v1.slice(3).toUpperCase()}`,
  ])('reads the header tolerantly: %s', (given) => expect(verify(given)).toMatchObject({ key: { id: 'own' } }));

  test.each([
    [undefined, 'signature_missing'],
    ['', 'signature_missing'],
    ['nonsense', 'signature_malformed'],
    [t, 'signature_malformed'],
    [v1, 'signature_malformed'],
    [`t=,${v1}`, 'signature_malformed'],
    [`t=1e9,${v1}`, 'signature_malformed'],
    [`t=-5,${v1}`, 'signature_malformed'],
    [`${t},t=1,${v1}`, 'signature_malformed'],
    [`${t},v1=`, 'signature_malformed'],
    [`${t},${v1.slice(0, -1)}`, 'signature_malformed'],
    [`${t},${v1}00`, 'signature_malformed'],
    [`${t},v1=${'z'.repeat(64)}`, 'signature_malformed'],
    [`${t},v1=${'0'.repeat(64)}`, 'signature_wrong'],
    [`t=${Number(t.slice(2)) + 1},${v1}`, 'signature_wrong'],
    [`t=0${t.slice(2)},${v1}`, 'signature_wrong'],
    [t + `,v1=${'0'.repeat(64)}`.repeat(17), 'signature_malformed'],
  ])('refuses %s as %s', (given, refused) => expect(verify(given)).toEqual({ refused }));

  test('refuses everything without a key, an empty one included', () => {
    expect(verify(header, body, [])).toEqual({ refused: 'no_key' });
    expect(verify(signDelivery(body, '', now), body, [keyOf('empty', '')])).toEqual({ refused: 'no_key' });
  });

  test('refuses another key, and a body that differs in one byte', () => {
    expect(verify(header, body, [keyOf('other', 'another')])).toEqual({ refused: 'signature_wrong' });
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (index, mask) => {
        const altered = Buffer.from(body);
        altered[index]! ^= mask;
        expect(verify(header, altered)).toEqual({ refused: 'signature_wrong' });
      }),
    );
  });

  test('accepts a late retry within the horizon and refuses impossible times', () => {
    expect(verify(header, body, keys, seconds(25 * 3600))).toMatchObject({ key: { id: 'own' } });
    expect(verify(header, body, keys, seconds(25 * 3600 + 1))).toEqual({ refused: 'timestamp_too_old' });
    expect(verify(header, body, keys, seconds(-300))).toMatchObject({ key: { id: 'own' } });
    expect(verify(header, body, keys, seconds(-301))).toEqual({ refused: 'timestamp_too_new' });
  });

  test('cannot be imitated', () => {
    // @ts-expect-error: only verifyDelivery can make a VerifiedDelivery
    const forged: VerifiedDelivery = { rawBody: body, signedAt: now, keyId: 'own' };
    expect(forged).not.toBeInstanceOf((verify(header) as object).constructor);
  });
});
