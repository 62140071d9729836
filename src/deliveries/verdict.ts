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
