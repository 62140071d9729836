import type { Sandbox } from '../sandbox/index.ts';
import type { CustomerSession } from './customer-session.ts';
import type { HostApi } from './host-api.ts';

export interface DemoDeps {
  api: HostApi;
  sandbox: Sandbox;
  session: CustomerSession;
  publicUrl: string;
  /** The port that the service listens on. Its own pages may be open under any loopback name. */
  port: number;
}
