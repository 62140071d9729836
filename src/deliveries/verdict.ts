import type { SignatureRefusal } from '../calendly/signature.ts';

/**
 * What became of a delivery:
 * - `received`: verified, stored and answered, to be applied in a moment (or again later: `attempts` and `lastError` say why)
 * - `applied`: merged, the first of its kind; `duplicate`: merged as well, but known before, and so not counted again
 * - `ignored`: of another event, subscriber or host than this account's; `unreadable`: signed, but no delivery
 * - `refused:…`: nothing changed but this record
 */
export type Refusal = SignatureRefusal | 'subscription_retired';
export type Verdict = 'received' | 'applied' | 'duplicate' | 'ignored' | 'unreadable' | `refused:${Refusal}`;
export type FinalVerdict = Exclude<Verdict, 'received' | `refused:${string}`>;

/** Every verdict that is counted; `subscription_unknown` has no row. */
export const COUNTED_VERDICTS = Object.keys({
  applied: true,
  duplicate: true,
  ignored: true,
  unreadable: true,
  subscription_unknown: true,
  'refused:no_key': true,
  'refused:signature_missing': true,
  'refused:signature_malformed': true,
  'refused:signature_wrong': true,
  'refused:timestamp_too_new': true,
  'refused:timestamp_too_old': true,
  'refused:subscription_retired': true,
} satisfies Record<Exclude<Verdict, 'received'> | 'subscription_unknown', true>);
