import type { ClientAddresses } from '../access/client-addresses.ts';
import type { KeyGuesses } from '../access/limit-key-guesses.ts';
import type { RecordExchange } from '../calendly/exchange.ts';
import type { ApiKey, EncryptionKey } from '../config/parsers.ts';
import type { CommandDeps } from '../connection/commands/command-deps.ts';
import type { HostEvents } from '../host-events/start-host-events.ts';

/** What the inspector can use: the commands, and comparing one account with Calendly (see `connection/compare/`). */
export interface InspectorDeps extends CommandDeps {
  record: RecordExchange;
  hostEvents: Pick<HostEvents, 'sending' | 'grown'>;
  apiKeys: readonly ApiKey[];
  addresses: ClientAddresses;
  keyGuesses: KeyGuesses;
  /** The header in which a trusted proxy names a person, and who of them may act (null: everybody); null: no header is believed. */
  inspectorIdentity: { header: string; operators: readonly string[] | null } | null;
  /** '': nobody logs in with it. */
  inspectorPassword: string;
  /** null: there are no viewers. */
  inspectorViewerPassword: string | null;
  /** Sessions are signed with keys derived from these: the first one signs, all verify. */
  encryptionKeys: readonly EncryptionKey[];
}
