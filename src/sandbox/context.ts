import type { CallLog } from './call-log.ts';
import type { Clock } from './clock.ts';
import type { DeliverySettings } from './deliveries/settings.ts';
import type { FaultList } from './faults.ts';
import type { State } from './state.ts';
import type { Switches } from './switches.ts';

export interface SandboxLogger {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
}

/** An OAuth application that is registered with the sandbox. */
export interface OAuthApp {
  clientId: string;
  clientSecret: string;
  /** Only these addresses are allowed. Missing: any https or loopback address. */
  redirectUris?: readonly string[];
}

/** What every part of one running sandbox shares. */
export interface SandboxContext {
  readonly state: State;
  readonly switches: Switches;
  readonly clock: Clock;
  readonly calls: CallLog;
  readonly faults: FaultList;
  readonly deliverySettings: DeliverySettings;
  readonly apps: readonly OAuthApp[];
  readonly log: SandboxLogger;
  /** Aborted when the sandbox stops. It ends every wait. */
  readonly stopping: AbortSignal;
  /** Where people reach the sandbox's pages. Known once the sandbox listens. */
  publicUrl: string;
  /** The product that uses the sandbox: its pages lead back there. Null: not known. */
  readonly productUrl: string | null;
  /** Writes the state file. Called after each change and before its answer is sent. */
  save(): void;
  /** For outcomes of deliveries, which nobody waits for. If one is lost in a kill, the delivery is only sent again. */
  saveSoon(): void;
  /** Tells the sender that there are new or earlier deliveries. */
  wakeDeliveries(): void;
}
