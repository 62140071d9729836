/** Items that arrive while a commit is under way share the next one. */
export interface SharedCommit<Item, Result> {
  /** Resolves when the commit with this item is done. Throws what that commit threw, or a QueueFullError. */
  add(item: Item): Promise<Result>;
}

export interface SharedCommitLimits<Item> {
  /** How many items one commit takes. */
  mostItems: number;
  /** Weight of one commit, and of all items that wait for one. A single heavier item gets a commit of its own. */
  mostWeight: number;
  mostWaiting: number;
  mostWaitingWeight: number;
  weigh(item: Item): number;
  /** True if each item would also fail alone, because the database is down. Otherwise one of the items is the cause. */
  failsForAll(error: unknown): boolean;
}

/** More items arrive than this process can hold until they are committed. */
export class QueueFullError extends Error {
  override name = 'QueueFullError';

  constructor() {
    super('Too much is waiting to be stored in this process.');
  }
}

type Waiting<Item, Result> = {
  item: Item;
  weight: number;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
};

/**
 * One commit runs at a time, and none waits for a timer: the first item is committed at once, and items that arrive meanwhile are committed
 * together after it. `storeAll` gives one result for each item. If a commit fails, its items are committed in halves, until the item that
 * causes the failure is alone.
 */
export function shareCommit<Item, Result>(
  storeAll: (items: readonly Item[]) => Promise<readonly Result[]>,
  limits: SharedCommitLimits<Item>,
): SharedCommit<Item, Result> {
  const { mostItems, mostWeight, mostWaiting, mostWaitingWeight, weigh, failsForAll } = limits;
  let waiting: Waiting<Item, Result>[] = [];
  let waitingWeight = 0;
  let running = false;

  const nextBatch = (): Waiting<Item, Result>[] => {
    let size = 0;
    let weight = 0;
    while (size < waiting.length && size < mostItems && (size === 0 || weight + waiting[size]!.weight <= mostWeight)) {
      weight += waiting[size++]!.weight;
    }
    waitingWeight -= weight;
    return waiting.splice(0, size);
  };
  const rejectAll = (all: readonly Waiting<Item, Result>[], error: unknown) => {
    for (const { reject } of all) reject(error);
  };
  const commitBatch = async (batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await storeAll(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index]!);
    } catch (error) {
      if (failsForAll(error)) {
        // While the database is silent, fail the waiting items now instead of after one more time limit each.
        rejectAll([...batch, ...waiting], error);
        waiting = [];
        waitingWeight = 0;
      } else if (batch.length === 1) {
        rejectAll(batch, error);
      } else {
        const half = batch.length >> 1;
        await commitBatch(batch.slice(0, half));
        await commitBatch(batch.slice(half));
      }
    }
  };
  const run = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) await commitBatch(nextBatch());
    running = false;
  };

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        const weight = weigh(item);
        if (waiting.length >= mostWaiting || (waiting.length > 0 && waitingWeight + weight > mostWaitingWeight)) {
          return reject(new QueueFullError());
        }
        waiting.push({ item, weight, resolve, reject });
        waitingWeight += weight;
        if (!running) void run();
      }),
  };
}
