import fc from 'fast-check';
import type { FaultInput } from '../../../src/sandbox/index.ts';
import { journeys } from '../journeys.ts';

export const TENANTS = ['one', 'two', 'three'] as const;
export const ACCOUNTS = ['alice', 'bob', 'dave'] as const;

/** One thing that the world does. `tenant` and `account` are numbers into the walk's own. */
export type Step =
  | { do: 'connect'; tenant: number; switchAccount: boolean }
  | { do: 'consent'; tenant: number; account: number; switchAccount: boolean; accept: boolean }
  | { do: 'deny'; tenant: number }
  /** Tokens that another system has got from this account, with an access token or without. */
  | { do: 'import'; tenant: number; account: number; withAccessToken: boolean }
  | { do: 'disconnect' | 'refresh' | 'resync' | 'retry' | 'token'; tenant: number }
  | { do: 'book'; account: number }
  | { do: 'disable webhooks'; account: number }
  | { do: 'revoke login'; account: number }
  | { do: 'fault'; fault: FaultInput }
  | { do: 'end of faults' }
  | { do: 'time'; seconds: number }
  /** SIGKILL so long after the other steps of its moment have begun, and a new start. */
  | { do: 'kill'; afterMs: number }
  | { do: 'quiet' };

/** What happens at the same time. */
export type Moment = Step[];

const tenant = fc.nat({ max: TENANTS.length - 1 });
const account = fc.nat({ max: ACCOUNTS.length - 1 });
const of = <T extends Step['do']>(name: T) => fc.constant(name);
const calls = journeys.map(({ call }) => call);

const fault: fc.Arbitrary<FaultInput> = fc
  .tuple(
    fc.constantFrom(...calls),
    fc.integer({ min: 1, max: 3 }),
    fc.constantFrom(
      { kind: 'respond', status: 500 } as const,
      { kind: 'respond', status: 503 } as const,
      { kind: 'respond', status: 401 } as const,
      { kind: 'respond', status: 429, headers: { 'x-ratelimit-reset': '20' } } as const,
      { kind: 'drop' } as const,
      { kind: 'dropAfterWork' } as const,
      { kind: 'garbage' } as const,
      { kind: 'delay', ms: 150 } as const,
      { kind: 'delayAfterWork', ms: 400 } as const,
    ),
  )
  .map(([call, times, kind]) => ({ ...call, ...kind, times }));

const act: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: of('connect'), tenant, switchAccount: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: of('consent'), tenant, account, switchAccount: fc.boolean(), accept: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: of('deny'), tenant }) },
  { weight: 2, arbitrary: fc.record({ do: of('import'), tenant, account, withAccessToken: fc.boolean() }) },
  {
    weight: 7,
    arbitrary: fc.record({ do: fc.constantFrom('disconnect', 'refresh', 'resync', 'retry', 'token'), tenant }),
  },
  { weight: 3, arbitrary: fc.record({ do: of('book'), account }) },
  { weight: 1, arbitrary: fc.record({ do: of('disable webhooks'), account }) },
  { weight: 1, arbitrary: fc.record({ do: of('revoke login'), account }) },
);
const condition: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: of('fault'), fault }) },
  { weight: 1, arbitrary: fc.record({ do: of('end of faults') }) },
  { weight: 3, arbitrary: fc.record({ do: of('time'), seconds: fc.constantFrom(5, 60, 600, 7200) }) },
  { weight: 2, arbitrary: fc.record({ do: of('quiet') }) },
);
const kill: fc.Arbitrary<Step> = fc.record({ do: of('kill'), afterMs: fc.integer({ min: 0, max: 120 }) });

/** A third of all moments hold several acts, of one tenant or of many; some end in a crash under their feet. */
export const moment = ({ kills }: { kills: boolean }): fc.Arbitrary<Moment> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.tuple(act) },
    { weight: 6, arbitrary: fc.tuple(condition) },
    { weight: 8, arbitrary: fc.array(act, { minLength: 2, maxLength: 4 }) },
    ...(kills
      ? [
          {
            weight: 1,
            arbitrary: fc.tuple(fc.array(act, { maxLength: 3 }), kill).map(([acts, last]) => [...acts, last]),
          },
        ]
      : []),
  );

/** A path to read, and to run again. */
export const tell = (moments: readonly Moment[]): string =>
  moments
    .map((steps) =>
      steps
        .map((step) => {
          const { do: name, ...rest } = step;
          return `${name} ${JSON.stringify(rest)}`;
        })
        .join(' & '),
    )
    .join('\n→ ');
