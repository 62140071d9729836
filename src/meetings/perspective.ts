import type { Source } from './observation.ts';
import type { Timestamp } from './timestamp.ts';

/** Through whose eyes something was seen, how and when. */
export type Perspective = Readonly<{
  accountUri: string;
  scope: 'user' | 'organization';
  source: Source;
  receivedAt: Timestamp;
}>;
