import type { ClientAddresses } from '../access/client-addresses.ts';
import type { KeyGuesses } from '../access/limit-key-guesses.ts';
import type { CommandDeps } from '../connection/commands/command-deps.ts';
import type { ReceiveDelivery } from '../deliveries/receive-delivery.ts';
import type { HostEvents } from '../host-events/start-host-events.ts';
import type { ApiKey } from '../config/parsers.ts';
import type { KeyBounds } from './plugins/bound-per-key.ts';

/** What the routes can use. They call a command or a read, and show what it answers. */
export interface HttpDeps extends CommandDeps {
  apiKeys: readonly ApiKey[];
  addresses: ClientAddresses;
  keyGuesses: KeyGuesses;
  bounds: KeyBounds;
  receiveDelivery: ReceiveDelivery;
  returnToOrigins: readonly string[];
  /** Whether events are sent to the host product, and when there are new ones. */
  hostEvents: Pick<HostEvents, 'sending' | 'grown'>;
}
