import type { ApiClient } from '../../calendly/api.ts';
import type { CommandDeps } from '../commands/command-deps.ts';

/** What asking Calendly on behalf of one tenant needs. */
export type CompareDeps = Pick<CommandDeps, 'db' | 'box' | 'oauth' | 'now' | 'publicUrl'> & { api: ApiClient };
