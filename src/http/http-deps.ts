import type { Kysely } from 'kysely';
import type { ConnectDeps } from '../connection/commands/connect.ts';
import type { Database } from '../db/database.ts';
import type { ReceiveDelivery } from '../deliveries/receive-delivery.ts';
import type { HostEvents } from '../host-events/start-host-events.ts';

/** What the routes can use. They send events and read rows; they never run an effect. */
export type HttpDeps = ConnectDeps & {
  db: Kysely<Database>;
  apiKeys: readonly string[];
  receiveDelivery: ReceiveDelivery;
  returnToOrigins: readonly string[];
  /** What the host product is told: whether it is sent, and when there is more of it. */
  hostEvents: Pick<HostEvents, 'sending' | 'grown'>;
  /** False once the database turned out to belong to another installation: reads only. */
  mayAct(): boolean;
  /** Erases tenants whose erasure was asked for and that owe nothing any more. */
  eraseSettled(): Promise<number>;
};
