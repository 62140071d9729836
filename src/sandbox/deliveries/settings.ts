/** How the sandbox sends deliveries until it is told otherwise. Not saved, as faults are not. */
export interface DeliverySettings {
  /** True: nothing is sent, and what is due waits. */
  paused: boolean;
  /** True: each delivery is sent twice. */
  duplicate: boolean;
  /** Wait before the first attempt. */
  delayMs: number;
  /** A random part of this is added to the wait, which mixes the order. */
  jitterMs: number;
  /** How many of the next deliveries are never sent. */
  dropNext: number;
}

export function defaultDeliverySettings(): DeliverySettings {
  return { paused: false, duplicate: false, delayMs: 0, jitterMs: 0, dropNext: 0 };
}
