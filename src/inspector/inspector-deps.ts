import type { ApiClient } from '../calendly/api.ts';
import type { ApiKey, EncryptionKey } from '../config/parsers.ts';
import type { CommandDeps } from '../connection/commands/command-deps.ts';
import type { HostEvents } from '../host-events/start-host-events.ts';

/** What the inspector can use: the commands, and the reading of one account at Calendly (see `connection/compare/`). */
export interface InspectorDeps extends CommandDeps {
  api: ApiClient;
  hostEvents: Pick<HostEvents, 'sending' | 'grown'>;
  apiKeys: readonly ApiKey[];
  inspectorPassword: string;
  /** null: there are no viewers. */
  inspectorViewerPassword: string | null;
  /** Sessions are signed with keys derived from these: the first one signs, all verify. */
  encryptionKeys: readonly EncryptionKey[];
}
