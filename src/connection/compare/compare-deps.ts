import type { RecordExchange } from '../../calendly/exchange.ts';
import type { CommandDeps } from '../commands/command-deps.ts';

/** What asking Calendly on behalf of one tenant needs. */
export type CompareDeps = Pick<CommandDeps, 'db' | 'box' | 'clients' | 'now' | 'publicUrl'> & {
  record: RecordExchange;
};
