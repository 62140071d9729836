import type { EncryptionKey } from '../config/parse-encryption-keys.ts';
import type { ApiClient } from '../calendly/api.ts';
import type { HttpDeps } from '../http/http-deps.ts';

/** What the inspector can use: all that routes can, and the reading of one account at Calendly (see `compare/`). */
export type InspectorDeps = HttpDeps & {
  api: ApiClient;
  inspectorPassword: string;
  /** Sessions are signed with keys derived from these: the first one signs, all verify. */
  encryptionKeys: readonly EncryptionKey[];
};
