import type { Fact } from '../../../machines/connection/index.ts';
import type { Moment } from '../moment.ts';
import type { CasesFor } from './case.ts';
import { ana, failures, MUCH_LATER, refusal, SCOPES, SECOND, TOKEN_LIFE } from './payloads.ts';

type TokenFact = Exclude<Extract<Fact, { type: `token.${string}` | `grant.${string}` }>, { type: 'token.issued' }>;

const newTokens = ({ now, context: { generation } }: Moment, grantId: string) => ({
  generation,
  grantId,
  scope: SCOPES,
  refreshedAt: new Date(now + SECOND).toISOString(),
  expiresAt: new Date(now + SECOND + TOKEN_LIFE).toISOString(),
});

/** Grants that an answer can be about: the current one, the candidate, those owed, and one that nobody knows. */
function grantsOf({
  context: { grant, candidate, debts },
  fresh,
}: Moment): { words: string; id: string; stray?: true }[] {
  const owed = debts.find((debt) => debt.grantId !== grant?.id && debt.grantId !== candidate?.id);
  return [
    ...(grant ? [{ words: '', id: grant.id }] : []),
    ...(candidate ? [{ words: ' of the candidate', id: candidate.id }] : []),
    ...(owed ? [{ words: ' of a grant that is owed', id: owed.grantId }] : []),
    { words: ' of an unknown grant', id: fresh('unknown grant'), stray: true },
  ];
}

const ofEach = <C>(moment: Moment, make: (id: string, words: string) => C[]) =>
  grantsOf(moment).flatMap(({ words, id, stray }) =>
    make(id, words).map((made) => (stray ? { ...made, stray } : made)),
  );

/** Tokens refreshed, refused, found again. */
export const tokenCases: CasesFor<TokenFact> = {
  'token.needed': () => [{ says: 'token needed', event: { type: 'token.needed' } }],
  'token.refreshed': (moment) =>
    ofEach(moment, (id, words) => [
      { says: `token refreshed${words}`, event: { type: 'token.refreshed', ...newTokens(moment, id) } as const },
    ]),
  'grant.recovered': (moment) =>
    ofEach(moment, (id, words) => [
      { says: `grant recovered${words}`, event: { type: 'grant.recovered', ...newTokens(moment, id) } as const },
    ]),
  'token.refreshRejected': (moment) =>
    ofEach(moment, (grantId, words) => [
      {
        says: `refresh rejected${words}`,
        event: {
          type: 'token.refreshRejected',
          generation: moment.context.generation,
          grantId,
          problem: refusal('invalid_grant'),
        } as const,
      },
    ]),
  'token.refreshFailed': (moment) =>
    ofEach(moment, (grantId, words) => {
      const failed = {
        type: 'token.refreshFailed',
        generation: moment.context.generation,
        grantId,
        failure: failures.unavailable,
      } as const;
      return [
        { says: `refresh failed${words}`, event: failed },
        { says: `refresh failed${words} after the token ended`, event: failed, after: MUCH_LATER },
        { says: `refresh refused as invalid${words}`, event: { ...failed, failure: failures.invalid } },
        {
          says: `refresh of an earlier step failed${words}`,
          event: { ...failed, generation: failed.generation - 1 },
          stray: true as const,
        },
      ];
    }),
  'token.orphaned': ({ fresh }) => [
    { says: 'token orphaned', event: { type: 'token.orphaned', grantId: fresh('orphan'), accountUri: ana.uri } },
  ],
  'grant.unusable': (moment) =>
    ofEach(moment, (grantId, words) => [
      {
        says: `grant unusable${words}`,
        event: {
          type: 'grant.unusable',
          generation: moment.context.generation,
          grantId,
          problem: refusal('issuer_changed'),
        } as const,
      },
    ]),
};
