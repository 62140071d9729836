/** `n, p50, p95, max` of milliseconds, in words. */
export function quantiles(milliseconds: readonly number[]): string {
  if (milliseconds.length === 0) return 'none';
  const sorted = [...milliseconds].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
  return `p50 ${duration(at(0.5))} · p95 ${duration(at(0.95))} · max ${duration(sorted.at(-1)!)} (of ${sorted.length})`;
}

export function duration(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
}
