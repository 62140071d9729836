import type { Found, Rule } from '../rule.ts';
import { nobody } from '../rule.ts';
import type { Facts } from '../facts.ts';

const heard = ({ since, webhook }: Facts, wanted: boolean): Found | null => {
  const at = webhook?.lastDeliveryAt ?? null;
  if ((at !== null) !== wanted) return null;
  return at === null
    ? { since }
    : { since, evidence: [{ kind: 'delivery', at, ref: null, says: 'the last delivery' }] };
};

/** Nothing is wrong. */
export const well: Rule[] = [
  {
    code: 'well',
    verdict: 'well',
    headline: 'Meetings arrive by webhook.',
    next: nobody('Nothing.'),
    when: (facts) => heard(facts, true),
  },
  {
    code: 'well_unheard',
    verdict: 'well',
    headline: 'The webhook exists, and Calendly has not sent anything to it yet.',
    next: nobody('Nothing. Book a meeting to see it arrive.'),
    when: ({ since }) => ({ since }),
  },
];
