/** An attempt that takes longer counts as slow: it takes a slow slot instead of its quick one, so that others can begin. */
const QUICK_MS = 1_000;

export interface PostSlotLimits {
  /** Attempts that have only just begun. */
  quick: number;
  /** Attempts that take longer. */
  slow: number;
  /** Of one tenant, quick and slow together. */
  share: number;
}

/** Which attempts of one kind are under way, and how many more may begin. */
export interface PostSlots {
  /** How many slots one tenant can hold at most. */
  readonly share: number;
  free(): number;
  /** How many slots a tenant holds. */
  heldBy(tenantId: string): number;
  /** Tenants that hold all slots of their share: nothing more of theirs may begin. */
  fullTenants(): string[];
  /** An attempt begins. Returns the function to call when it is over. */
  take(tenantId: string): () => void;
}

/** `onFreeSlot` hears whenever another attempt may begin. */
export function createPostSlots(
  { quick, slow, share }: PostSlotLimits,
  onFreeSlot: () => void,
  quickMs = QUICK_MS,
): PostSlots {
  const inHand = new Map<string, number>();
  let isQuick = 0;
  let all = 0;
  const count = (tenantId: string, by: 1 | -1) => {
    const left = (inHand.get(tenantId) ?? 0) + by;
    all += by;
    if (left === 0) inHand.delete(tenantId);
    else inHand.set(tenantId, left);
  };
  return {
    share,
    // If all slow slots are taken, further slow attempts keep their quick slots.
    free: () => Math.max(0, Math.min(quick - isQuick, quick + slow - all)),
    heldBy: (tenantId) => inHand.get(tenantId) ?? 0,
    fullTenants: () => [...inHand].filter(([, held]) => held >= share).map(([tenantId]) => tenantId),
    take(tenantId) {
      count(tenantId, 1);
      isQuick++;
      let isSlow = false;
      const timer = setTimeout(() => {
        isSlow = true;
        isQuick--;
        onFreeSlot();
      }, quickMs);
      return () => {
        clearTimeout(timer);
        if (!isSlow) isQuick--;
        count(tenantId, -1);
        onFreeSlot();
      };
    },
  };
}
