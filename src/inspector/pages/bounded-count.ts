import { MOST_COUNTED } from '../../host-events/count-outgoing.ts';

/** The count, with a `+` where counting stopped. */
export const outgoingCount = (count: number): string =>
  count < MOST_COUNTED ? String(count) : `${MOST_COUNTED.toLocaleString('en')} or more`;
