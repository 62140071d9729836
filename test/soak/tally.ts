/** Counts of what happened, by name. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string, by = 1): void {
    this.#counts.set(name, this.get(name) + by);
  }

  get(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Of all names that begin so. */
  sum(prefix: string): number {
    return [...this.#counts].filter(([name]) => name.startsWith(prefix)).reduce((sum, [, count]) => sum + count, 0);
  }

  /** Most frequent first; the prefix is left out. */
  entries(prefix = ''): [string, number][] {
    return [...this.#counts]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, count]): [string, number] => [name.slice(prefix.length), count])
      .sort(([one, first], [other, second]) => second - first || (one < other ? -1 : 1));
  }
}
