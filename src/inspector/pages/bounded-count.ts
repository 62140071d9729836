import { MOST_COUNTED } from '../../host-events/count-outgoing.ts';

/** The count, with a `+` where counting stopped. */
export const boundedCount = (count: number): string =>
  count < MOST_COUNTED ? String(count) : `${MOST_COUNTED.toLocaleString('en')} or more`;
