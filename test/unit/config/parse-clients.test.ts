import { describe, expect, test } from 'vitest';
import { parseClients } from '../../../src/config/parse-clients.ts';

const DEFAULT = {
  name: 'default',
  clientId: 'default-app',
  authBaseUrl: 'https://auth.calendly.com',
  apiBaseUrl: 'https://api.calendly.com',
};
const SECRET = 'secret-of-brand-b';
const parse = (value: unknown) =>
  parseClients(typeof value === 'string' ? value : JSON.stringify(value), DEFAULT, 'loopback');

describe('CALENDLY_CLIENTS', () => {
  test('names clients, each with what it does not share with the default one', () => {
    expect(
      parse({
        'brand-b': { clientId: 'b', clientSecret: SECRET },
        test: {
          clientId: 'c',
          clientSecret: SECRET,
          authBaseUrl: 'http://127.0.0.1:3001/',
          apiBaseUrl: 'http://127.0.0.1:3001',
          signingKeys: ['one-signing-key-of-c', 'another-signing-key-of-c'],
        },
      }),
    ).toMatchObject({
      value: [
        { ...DEFAULT, name: 'brand-b', clientId: 'b', clientSecret: SECRET, signingKeys: [] },
        { name: 'test', clientId: 'c', authBaseUrl: 'http://127.0.0.1:3001', signingKeys: [{}, {}] },
      ],
    });
  });

  test.each([
    ['what is no JSON', `brand-b:${SECRET}`],
    ['a list', [{ name: 'brand-b', clientId: 'b', clientSecret: SECRET }]],
    ['a name with a space', { 'brand b': { clientId: 'b', clientSecret: SECRET } }],
    ['the name of the default client', { default: { clientId: 'b', clientSecret: SECRET } }],
    ['no secret', { 'brand-b': { clientId: SECRET } }],
    ['no id', { 'brand-b': { clientSecret: SECRET } }],
    ['an unknown field', { 'brand-b': { clientId: 'b', clientSecret: SECRET, secret: SECRET } }],
    ['the application of the default client', { 'brand-b': { clientId: 'default-app', clientSecret: SECRET } }],
    ['an address in plain http', { b: { clientId: 'b', clientSecret: SECRET, apiBaseUrl: 'http://calendly.example' } }],
    ['a signing key that is short', { b: { clientId: 'b', clientSecret: SECRET, signingKeys: ['short'] } }],
    [
      'one application twice',
      { a: { clientId: 'a', clientSecret: SECRET }, b: { clientId: 'a', clientSecret: SECRET } },
    ],
  ])('is refused with %s, without telling a secret', (_, value) => {
    const parsed = parse(value);
    expect(parsed).toHaveProperty('problem');
    expect(JSON.stringify(parsed)).not.toContain(SECRET);
  });
});
