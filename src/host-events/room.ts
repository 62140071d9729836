/** An attempt that takes longer counts as slow: it moves to the places for slow attempts, so that others can begin. */
const QUICK_MS = 1_000;

export interface RoomSize {
  /** Attempts that have only just begun. */
  quick: number;
  /** Attempts that take longer. */
  slow: number;
  /** Of one tenant, quick and slow together. */
  share: number;
}

/** Attempts of one kind that are in hand, and how many more may begin. */
export interface Room {
  /** Most of one tenant. */
  readonly share: number;
  free(): number;
  /** How many are in hand of a tenant. */
  of(tenantId: string): number;
  /** Tenants that have their share in hand: nothing more of theirs may begin. */
  fullTenants(): string[];
  /** An attempt begins. Returns what to call when it is over. */
  enter(tenantId: string): () => void;
}

/** `onRoom` hears whenever another attempt may begin. */
export function createRoom({ quick, slow, share }: RoomSize, onRoom: () => void, quickMs = QUICK_MS): Room {
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
    // If the places for slow attempts are full, the rest keep their places among the quick ones.
    free: () => Math.max(0, Math.min(quick - isQuick, quick + slow - all)),
    of: (tenantId) => inHand.get(tenantId) ?? 0,
    fullTenants: () => [...inHand].filter(([, held]) => held >= share).map(([tenantId]) => tenantId),
    enter(tenantId) {
      count(tenantId, 1);
      isQuick++;
      let isSlow = false;
      const timer = setTimeout(() => {
        isSlow = true;
        isQuick--;
        onRoom();
      }, quickMs);
      return () => {
        clearTimeout(timer);
        if (!isSlow) isQuick--;
        count(tenantId, -1);
        onRoom();
      };
    },
  };
}
