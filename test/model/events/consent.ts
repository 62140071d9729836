import type { Fact } from '../../../machines/connection/index.ts';
import type { Moment } from '../moment.ts';
import type { CasesFor } from './case.ts';
import { accountOf, ana, failures, otherThan, refusal, SCOPES, SECOND, TOKEN_LIFE } from './payloads.ts';

type ConsentFact = Extract<
  Fact,
  { type: `consent.${string}` | 'token.issued' | 'code.refused' | `account.${string}` | 'call.failed' }
>;

const issued = ({ now, fresh }: Moment, generation: number, accountUri: string | null, word: string) =>
  ({
    type: 'token.issued',
    generation,
    grantId: fresh(word),
    accountUri,
    organizationUri: accountUri === null ? null : accountOf(accountUri).organization,
    scope: SCOPES,
    expiresAt: new Date(now + SECOND + TOKEN_LIFE).toISOString(),
  }) as const;

/** From the browser to the account. */
export const consentCases: CasesFor<ConsentFact> = {
  'consent.granted': ({ context: { attempt }, fresh }) => [
    ...(attempt
      ? [{ says: 'consent granted', event: { type: 'consent.granted', attemptId: attempt.id } } as const]
      : []),
    {
      says: 'consent granted to an earlier attempt',
      event: { type: 'consent.granted', attemptId: fresh('other attempt') },
      stray: true,
    },
  ],
  'consent.denied': ({ context: { attempt }, fresh }) => [
    ...(attempt
      ? [
          {
            says: 'consent denied',
            event: { type: 'consent.denied', attemptId: attempt.id, problem: refusal('consent_denied') },
          } as const,
        ]
      : []),
    {
      says: 'consent denied to an earlier attempt',
      stray: true,
      event: { type: 'consent.denied', attemptId: fresh('other attempt'), problem: refusal('consent_denied') },
    },
  ],
  'token.issued': (moment) => {
    const { attempt, grant, generation } = moment.context;
    const account = attempt?.switchAccount ? otherThan(grant?.accountUri) : accountOf(grant?.accountUri);
    return [
      { says: 'token issued', event: issued(moment, generation, account.uri, 'grant') },
      {
        says: 'token issued to an earlier attempt',
        event: issued(moment, generation - 1, ana.uri, 'late grant'),
        stray: true,
      },
    ];
  },
  'code.refused': ({ context: { generation } }) => [
    { says: 'code refused', event: { type: 'code.refused', generation, problem: refusal('code_refused') } },
    {
      says: 'code of an earlier attempt refused',
      stray: true,
      event: { type: 'code.refused', generation: generation - 1, problem: refusal('code_refused') },
    },
  ],
  'account.identified': ({ context: { generation, grant, candidate } }) => {
    const account = accountOf(candidate ? candidate.accountUri : grant?.accountUri);
    const identified = { type: 'account.identified', generation, account } as const;
    return [
      { says: 'account identified', event: identified },
      ...(candidate && grant
        ? [{ says: 'another account identified', event: { ...identified, account: otherThan(grant.accountUri) } }]
        : []),
      ...(grant && !candidate
        ? [
            {
              says: 'account identified in another organization',
              event: {
                ...identified,
                account: { ...account, organization: 'https://api.calendly.com/organizations/THREE' },
              },
            },
          ]
        : []),
      {
        says: 'account identified for an earlier step',
        event: { ...identified, generation: generation - 1 },
        stray: true,
      },
    ];
  },
  'account.confirmed': ({ context: { pendingAccount } }) => [
    ...(pendingAccount
      ? [{ says: 'account confirmed', event: { type: 'account.confirmed', accountUri: pendingAccount.uri } } as const]
      : []),
    {
      says: 'account confirmed that nobody asked about',
      event: { type: 'account.confirmed', accountUri: otherThan(pendingAccount?.uri).uri },
      stray: true,
    },
  ],
  'account.declined': ({ context: { pendingAccount } }) => [
    ...(pendingAccount
      ? [{ says: 'account declined', event: { type: 'account.declined', accountUri: pendingAccount.uri } } as const]
      : []),
    {
      says: 'account declined that nobody asked about',
      event: { type: 'account.declined', accountUri: otherThan(pendingAccount?.uri).uri },
      stray: true,
    },
  ],
  'call.failed': ({ context: { generation } }) => [
    { says: 'Calendly unavailable', event: { type: 'call.failed', generation, failure: failures.unavailable } },
    { says: 'rate limited', event: { type: 'call.failed', generation, failure: failures.limited } },
    { says: 'token refused (401)', event: { type: 'call.failed', generation, failure: failures.unauthorized } },
    { says: 'request refused (400)', event: { type: 'call.failed', generation, failure: failures.invalid } },
    {
      says: 'call of an earlier step failed',
      event: { type: 'call.failed', generation: generation - 1, failure: failures.unavailable },
      stray: true,
    },
  ],
};
