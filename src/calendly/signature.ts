import { createHmac, timingSafeEqual } from 'node:crypto';
import { parseSignatureHeader } from './signature-header.ts';

/**
 * A key that a delivery may have been signed with. `id` says which one it was, and `of` whose: the subscription's own, or one that
 * Calendly uses for every subscription of the OAuth application.
 */
export type SigningKey = Readonly<{ id: string; of: 'subscription' | 'application'; value: string }>;

/** Only this file can make one, so code that gets a `VerifiedDelivery` need not verify it again. */
export type VerifiedDelivery = VerifiedBytes;
class VerifiedBytes {
  readonly #verified = true;
  readonly rawBody: Buffer;
  readonly signedAt: Date;
  readonly key: Pick<SigningKey, 'id' | 'of'>;

  constructor(rawBody: Buffer, signedAt: Date, { id, of }: SigningKey) {
    void this.#verified;
    this.rawBody = rawBody;
    this.signedAt = signedAt;
    this.key = { id, of };
  }
}

export type SignatureRefusal =
  | 'no_key'
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_wrong'
  | 'timestamp_too_new'
  | 'timestamp_too_old';

/** Clocks differ by seconds, not by minutes. */
const MAX_SECONDS_AHEAD = 5 * 60;
/**
 * Calendly retries for 24 hours, perhaps with the old timestamp. So an old timestamp is accepted
 * for that long. A replay does no harm: a delivery that comes again changes nothing.
 */
const MAX_SECONDS_OLD = 25 * 60 * 60;

/**
 * Every key is compared with every signature, each in constant time, so the time tells neither which key matches nor which byte is the first
 * wrong one. The age is checked last: the timestamp can be trusted only when the signature is right.
 */
export function verifyDelivery(
  rawBody: Buffer,
  header: string | undefined,
  keys: readonly SigningKey[],
  now: Date,
): VerifiedDelivery | { refused: SignatureRefusal } {
  if (header === undefined || header.trim() === '') return { refused: 'signature_missing' };
  const parsed = parseSignatureHeader(header);
  if (parsed === null) return { refused: 'signature_malformed' };
  const usable = keys.filter(({ value }) => value !== '');
  if (usable.length === 0) return { refused: 'no_key' };

  let matched: SigningKey | null = null;
  for (const key of usable) {
    const expected = createHmac('sha256', key.value).update(`${parsed.timestamp}.`).update(rawBody).digest();
    for (const signature of parsed.signatures) {
      const equal = timingSafeEqual(expected, signature);
      if (equal && matched === null) matched = key;
    }
  }
  if (matched === null) return { refused: 'signature_wrong' };

  const seconds = Number(parsed.timestamp);
  const age = now.getTime() / 1000 - seconds;
  if (age < -MAX_SECONDS_AHEAD) return { refused: 'timestamp_too_new' };
  if (age > MAX_SECONDS_OLD) return { refused: 'timestamp_too_old' };
  return new VerifiedBytes(rawBody, new Date(seconds * 1000), matched);
}
