import type { Kysely } from 'kysely';
import type { CalendlyClient } from '../../calendly/client.ts';
import type { Database } from '../../db/database.ts';
import type { Completion } from '../../grants/consent-attempts.ts';
import type { DispatchDeps } from '../dispatch/dispatch-deps.ts';
import type { Changes } from '../reads/listen-for-changes.ts';
import type { DeploymentSettings } from '../../tenant-settings/effective-settings.ts';

/** What the commands can use. They send events and read rows; they never run an effect. */
export interface CommandDeps extends DispatchDeps {
  db: Kysely<Database>;
  changes: Changes;
  clients: readonly CalendlyClient[];
  scopes: readonly string[];
  refreshRecentSeconds: number;
  /** For tenants without settings of their own. */
  deployment: DeploymentSettings;
  /** Who completes a consent where the request does not say. */
  consentCompletion: Completion;
  /** False while the database belongs to another installation: then only reads are allowed. */
  mayAct(): boolean;
  /** Erases tenants whose erasure was asked for and that owe nothing any more. Returns their number. */
  eraseSettled(): Promise<number>;
}
