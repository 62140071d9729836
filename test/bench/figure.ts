/** One figure: what was done how often, and beside which baseline of the same run. */
export interface Figure {
  suite: string;
  what: string;
  /** Median of the repeats, with the lowest and the highest. */
  perSecond: { median: number; lowest: number; highest: number };
  p50Ms: number;
  p99Ms: number;
  /** `perSecond` over that of the baseline. */
  ratio: { of: string; value: number } | null;
}

export interface Run {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

const REPEATS = 3;

/**
 * Measures several ways to do something in turn, again and again, so that what else the machine does meets them all alike. The
 * first is the baseline of the others, if there are others.
 */
export async function compareRuns(suite: string, ways: Record<string, () => Promise<Run>>): Promise<Figure[]> {
  const runs = new Map(Object.keys(ways).map((what) => [what, [] as Run[]]));
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const [what, run] of Object.entries(ways)) runs.get(what)!.push(await run());
  }
  const [baseline] = Object.keys(ways);
  const figures = [...runs].map(([what, all]): Figure => {
    const sorted = all.map(({ perSecond }) => perSecond).sort((one, other) => one - other);
    return {
      suite,
      what,
      perSecond: { median: median(sorted), lowest: sorted[0]!, highest: sorted.at(-1)! },
      p50Ms: median(all.map(({ p50Ms }) => p50Ms)),
      p99Ms: median(all.map(({ p99Ms }) => p99Ms)),
      ratio: null,
    };
  });
  const base = figures[0]!;
  return figures.map((figure) =>
    figure === base
      ? figure
      : { ...figure, ratio: { of: baseline!, value: figure.perSecond.median / base.perSecond.median } },
  );
}

const median = (values: number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1]!;

/** What `times` of single pieces of work, in milliseconds, come to. */
export function runOf(times: number[], seconds: number): Run {
  times.sort((one, other) => one - other);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { perSecond: times.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** What was measured once, without a baseline. */
export const figureOfRun = (suite: string, what: string, { perSecond, p50Ms, p99Ms }: Run): Figure => ({
  suite,
  what,
  perSecond: { median: perSecond, lowest: perSecond, highest: perSecond },
  p50Ms,
  p99Ms,
  ratio: null,
});
