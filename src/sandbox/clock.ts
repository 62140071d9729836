/**
 * The sandbox's time. `stamp` gives Calendly's form (UTC, microseconds) and never gives the same time twice, so that two changes in one
 * millisecond still have an order, as they have at Calendly.
 */
export class Clock {
  readonly #real: () => Date;
  readonly #offset: () => number;
  #lastMicros = 0;

  constructor(real: () => Date, offset: () => number) {
    this.#real = real;
    this.#offset = offset;
  }

  nowMs(): number {
    return this.#real().getTime() + this.#offset();
  }

  stamp(): string {
    const micros = this.nowMs() * 1000 + Math.floor(Math.random() * 1000);
    this.#lastMicros = Math.max(micros, this.#lastMicros + 1);
    return formatMicros(this.#lastMicros);
  }
}

/** Whole milliseconds in Calendly's form. */
export function stampOf(milliseconds: number): string {
  return formatMicros(milliseconds * 1000);
}

function formatMicros(micros: number): string {
  const iso = new Date(Math.floor(micros / 1000)).toISOString();
  return `${iso.slice(0, -1)}${String(micros % 1000).padStart(3, '0')}Z`;
}
