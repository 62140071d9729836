import { describe, expect, test } from 'vitest';
import { readImportFile, type ReadLine } from '../../../src/cli/import/read-import-file.ts';

async function read(...pieces: string[]): Promise<ReadLine[]> {
  const chunks = (async function* () {
    for (const piece of pieces) yield Buffer.from(piece);
  })();
  const lines: ReadLine[] = [];
  for await (const line of readImportFile(chunks)) lines.push(line);
  return lines;
}

describe('a file of imports', () => {
  test('is NDJSON in the words of the route, in pieces that come as they like', async () => {
    const line =
      '{"tenantId":"acme","refreshToken":"r1","webhooks":[{"uri":"https://api.calendly.com/webhook_subscriptions/A"}]}';
    expect(
      await read(line.slice(0, 30), `${line.slice(30)}\n\n{"tenantId":"b","refreshToken":"r2","keepWebhooks":true}`),
    ).toEqual([
      {
        line: 1,
        tenantId: 'acme',
        body: { refreshToken: 'r1', webhooks: [{ uri: 'https://api.calendly.com/webhook_subscriptions/A' }] },
      },
      { line: 3, tenantId: 'b', body: { refreshToken: 'r2', keepWebhooks: true } },
    ]);
  });

  test('is CSV as PostgreSQL writes it, in the words of the former table', async () => {
    const csv = [
      '\uFEFFtenant_id,access_token,refresh_token,token_expires_at,webhook_uri,webhook_signing_key',
      'acme,a1,r1,2026-11-28 11:00:00.5+02,https://api.calendly.com/webhook_subscriptions/A,"k""ey, of old"',
      'b,,r2,,,',
      '',
    ].join('\r\n');
    expect(await read(csv)).toEqual([
      {
        line: 2,
        tenantId: 'acme',
        body: {
          refreshToken: 'r1',
          accessToken: 'a1',
          expiresAt: '2026-11-28T09:00:00.500Z',
          webhooks: [{ uri: 'https://api.calendly.com/webhook_subscriptions/A' }],
        },
      },
      { line: 3, tenantId: 'b', body: { refreshToken: 'r2' } },
    ]);
  });

  test.each([
    ['seconds since 1970', 1795856400],
    ['milliseconds', '1795856400000'],
    ['an offset', '2026-11-28T10:00:00+01:00'],
  ])('takes %s for the end of a token', async (_, expiresAt) => {
    const [only] = await read(JSON.stringify({ tenantId: 'a', refreshToken: 'r', expiresAt }));
    expect(only).toMatchObject({ body: { expiresAt: '2026-11-28T09:00:00.000Z' } });
  });

  test('names all that is wrong with a line, and no value of it', async () => {
    const lines = await read(
      `{"tenantId":"a b","refreshToken":"sec ret","expiresAt":"2026-11-28T09:00:00","tok":"sec"}\n{"tenantId":"c","constructor":1}\nnot sec\n[1]`,
    );
    expect(lines).toEqual([
      {
        line: 1,
        tenantId: null,
        faults: [
          '"tok" is not a field of an import',
          'tenantId must be 1 to 128 of A-Z a-z 0-9 . _ : -, and neither . nor ..',
          'refreshToken is not a text of at most 4096 characters without spaces',
          'expiresAt has no time zone: add Z, or an offset as in +02:00',
        ],
      },
      { line: 2, tenantId: 'c', faults: ['"constructor" is not a field of an import', 'refreshToken is missing'] },
      { line: 3, tenantId: null, faults: ['this is not JSON'] },
      { line: 4, tenantId: null, faults: ['this is not a JSON object'] },
    ]);
    expect(JSON.stringify(lines)).not.toContain('sec');
  });

  test.each([
    [
      'a CSV without names of columns',
      'acme,a1,r1\n',
      'Line 1: the first line must name the columns, and tenant_id is missing.',
    ],
    ['a quote that is never closed', 'tenant_id,refresh_token\na,"r\n', 'Line 2: a quote is not closed.'],
    ['a line without an end', `{${' '.repeat(70_000)}`, 'Line 1: more than 65536 characters.'],
  ])('is refused as a whole: %s', async (_, text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});
