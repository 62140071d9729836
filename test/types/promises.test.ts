import type { Kysely, Transaction } from 'kysely';
import { expect, expectTypeOf, test } from 'vitest';
import type * as signature from '../../src/calendly/signature.ts';
import type { VerifiedDelivery } from '../../src/calendly/signature.ts';
import type { dispatch } from '../../src/connection/dispatch/dispatch.ts';
import type { Database } from '../../src/db/database.ts';
import type { storeDeliveries } from '../../src/deliveries/store-deliveries.ts';
import type { storeCredential } from '../../src/grants/credentials.ts';
import type { recordMeetingChanges } from '../../src/host-events/record-meeting-changes.ts';
import type * as markup from '../../src/html/html.ts';
import { html, type Html } from '../../src/html/html.ts';

// What the types promise. `tsc` checks it, and fails where one of these lines stops being true.

test('only verifyDelivery makes a VerifiedDelivery', () => {
  type LooksAlike = { [Member in keyof VerifiedDelivery]: VerifiedDelivery[Member] };
  expectTypeOf<VerifiedDelivery>().toExtend<LooksAlike>();
  expectTypeOf<LooksAlike>().not.toExtend<VerifiedDelivery>();
  // So its class, which could make one by `new`, is nothing that another file can import.
  expectTypeOf<keyof typeof signature>().toEqualTypeOf<'verifyDelivery'>();
});

test('only a verified delivery is stored', () => {
  type Receipt = Parameters<typeof storeDeliveries>[1][number];
  expectTypeOf<Receipt['delivery']>().toEqualTypeOf<VerifiedDelivery>();
});

test('what belongs to one transaction takes a transaction, and no pool', () => {
  type First<F extends (...given: never[]) => unknown> = Parameters<F>[0];
  type Pool = Kysely<Database>;
  expectTypeOf<First<typeof dispatch>>().toEqualTypeOf<Transaction<Database>>();
  expectTypeOf<Pool>().not.toExtend<First<typeof dispatch>>();
  expectTypeOf<Pool>().not.toExtend<First<typeof storeCredential>>();
  expectTypeOf<Pool>().not.toExtend<First<typeof recordMeetingChanges>>();
});

test('only the html tag makes Html, and it escapes what merely looks like it', () => {
  expectTypeOf<{ text: string }>().not.toExtend<Html>();
  expectTypeOf<keyof typeof markup>().toEqualTypeOf<'html'>();
  const forged = { text: '<script>' } as unknown as Html;
  expect(html`${forged}${[forged]}`.text).not.toContain('<script>');
});
