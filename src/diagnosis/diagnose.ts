import type { Diagnosis, Finding } from './diagnosis.ts';
import type { Facts } from './facts.ts';
import type { Found, Rule } from './rule.ts';
import { TOPICS, WELL } from './topics.ts';

/**
 * Why does this tenant not get their meetings? The facts alone decide. Of each topic, the first rule that holds gives a finding. Topics
 * that explain more come first, so the first finding is the cause, and the others are further problems.
 */
export function diagnose(facts: Facts): Diagnosis {
  const findings = TOPICS.flatMap((rules) => firstOf(rules, facts) ?? []);
  const [first, ...rest] = findings.length === 0 ? [firstOf(WELL, facts)!] : findings;
  return { ...first!, at: facts.now, also: rest };
}

function firstOf(rules: readonly Rule[], facts: Facts): Finding | null {
  for (const rule of rules) {
    const found = rule.when(facts);
    if (found !== null) return findingOf(rule, found);
  }
  return null;
}

const findingOf = ({ code, verdict, headline, next }: Rule, { since, words = {}, evidence = [] }: Found): Finding => ({
  code,
  verdict,
  headline: headline.replace(/\{(\w+)\}/g, (_, word: string) => String(words[word] ?? '?')),
  since,
  evidence,
  next,
});
