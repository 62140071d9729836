import { MOST_COUNTED } from '../../host-events/count-outgoing.ts';

/** Counting ends somewhere. */
export const outgoingCount = (count: number): string =>
  count < MOST_COUNTED ? String(count) : `${MOST_COUNTED.toLocaleString('en')} or more`;
