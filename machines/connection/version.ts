/** Raised whenever stored snapshots of an older machine need an upcast (`versions.ts` holds one per step). */
export const MACHINE_VERSION = 4;
