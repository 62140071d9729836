import type { Source } from './observation.ts';
import type { Timestamp } from './timestamp.ts';

/** How and when something was seen. */
export type Perspective = Readonly<{
  source: Source;
  receivedAt: Timestamp;
}>;
