import { CallLog } from './call-log.ts';
import { checkSwitches } from './check-switches.ts';
import { Clock } from './clock.ts';
import type { OAuthApp, SandboxContext, SandboxLogger } from './context.ts';
import type { Controls } from './controls/controls.ts';
import { DeliverySender } from './deliveries/sender.ts';
import { defaultDeliverySettings } from './deliveries/settings.ts';
import { FaultList } from './faults.ts';
import { makeControls } from './controls/make-controls.ts';
import { seedState } from './seed.ts';
import { buildServer } from './server.ts';
import { openState, StateSaver } from './state-file.ts';
import { defaultSwitches, type Switches } from './switches.ts';

export type * from './controls/controls.ts';
export type { Call } from './call-log.ts';
export type { OAuthApp, SandboxLogger } from './context.ts';
export type { NewBooking } from './bookings/book.ts';
export type { DeliverySettings } from './deliveries/settings.ts';
export type { Fault, FaultInput, FaultKind } from './faults.ts';
export type { Location, Presentation, Role, Stage, SubscriptionScope } from './state.ts';
export type { Switches } from './switches.ts';
export { defaultSwitches } from './switches.ts';
export { ControlError } from './controls/control-error.ts';
export { fingerprint } from './fingerprint.ts';

export interface SandboxOptions {
  host?: string;
  port?: number;
  clientId: string;
  clientSecret: string;
  /** Only these addresses are allowed. Missing: any https or loopback address. */
  redirectUris?: readonly string[];
  /** The application's webhook signing key. Missing: that of the state file, or a random one. */
  appSigningKey?: string;
  /** Further applications at the same Calendly. */
  otherApps?: readonly OAuthApp[];
  stateFile?: string;
  /** These replace values of the state file. */
  switches?: Partial<Switches>;
  logger?: SandboxLogger;
  now?: () => Date;
  /** Where people reach its pages, if not at `url`. */
  publicUrl?: string;
  /** The product that uses it: people get back there from its pages. */
  productUrl?: string;
}

export interface Sandbox {
  readonly url: string;
  readonly controls: Controls;
  close(): Promise<void>;
}

/** Starts a sandbox: see docs/sandbox.md. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { stateFile, clientId, clientSecret, redirectUris } = options;
  const { saved, unlock } = stateFile ? openState(stateFile) : { saved: null, unlock: () => {} };
  const state = saved ?? seedState({ ...structuredClone(defaultSwitches) });
  // Switches that are newer than the state file get their defaults.
  state.switches = {
    ...structuredClone(defaultSwitches),
    ...state.switches,
    ...checkSwitches({ ...options.switches }),
  };
  state.appSigningKey = options.appSigningKey ?? state.appSigningKey;
  const saver = new StateSaver(stateFile, state);
  const stop = new AbortController();
  const context: SandboxContext = {
    state,
    switches: state.switches,
    clock: new Clock(options.now ?? (() => new Date()), () => state.clockOffsetMs),
    calls: new CallLog(),
    faults: new FaultList(),
    deliverySettings: defaultDeliverySettings(),
    apps: [{ clientId, clientSecret, ...(redirectUris && { redirectUris }) }, ...(options.otherApps ?? [])],
    log: options.logger ?? { info: () => undefined, warn: () => undefined },
    stopping: stop.signal,
    publicUrl: options.publicUrl ?? '',
    productUrl: options.productUrl?.replace(/\/$/, '') ?? null,
    save: () => saver.now(),
    saveSoon: () => saver.soon(),
    wakeDeliveries: () => sender.wake(),
  };
  const sender = new DeliverySender(context);
  const controls = makeControls(context, sender);
  const server = buildServer(context, controls);
  const url = await server
    .listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 })
    .finally(() => server.server.listening || unlock());
  context.publicUrl ||= url;
  context.save();
  sender.wake();
  let closing: Promise<void> | undefined;
  const close = async () => {
    stop.abort();
    await server.close();
    saver.close();
    unlock();
  };
  return {
    url,
    controls,
    close: () => (closing ??= close()),
  };
}
