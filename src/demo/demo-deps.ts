import type { Sandbox } from '../sandbox/index.ts';
import type { HostApi } from './host-api.ts';

export interface DemoDeps {
  api: HostApi;
  sandbox: Sandbox;
  publicUrl: string;
  /** Where the service listens: its own pages may be open under any loopback name. */
  port: number;
}
