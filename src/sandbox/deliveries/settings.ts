/** How the sandbox treats deliveries until told otherwise. Not saved, like faults. */
export interface DeliverySettings {
  /** While paused nothing is sent; what is due waits. */
  paused: boolean;
  /** Each delivery is sent twice. */
  duplicate: boolean;
  /** Added before the first attempt. */
  delayMs: number;
  /** A random part of this is added too, which mixes up the order. */
  jitterMs: number;
  /** So many of the next deliveries are never sent. */
  dropNext: number;
}

export function defaultDeliverySettings(): DeliverySettings {
  return { paused: false, duplicate: false, delayMs: 0, jitterMs: 0, dropNext: 0 };
}
