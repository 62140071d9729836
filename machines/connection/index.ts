export { connectionMachine } from './machine.ts';
export { problemOf } from './problem.ts';
export { needsConsent } from './grant.ts';
export { FENCES } from './fence.ts';
export { guardName } from './guard-name.ts';
export { CONNECTION_STATES, type ConnectionState } from './connection-states.ts';
export { stateNames, waitingStates } from './waiting-states.ts';
export { MACHINE_VERSION } from './version.ts';
export { SnapshotVersionError, upcast, upcasts, type Plain } from './versions.ts';
export { effectParams } from './effects.ts';
export { STEP_DEADLINE } from './delays.ts';
export { NO_SETTINGS } from './context.ts';
export type { Account, ConnectionContext, Debt, TenantSettings } from './context.ts';
export type {
  Command,
  ConnectionEvent,
  Fact,
  Failure,
  FoundSubscription,
  Refusal,
  TimerEvent,
  UnstampedEvent,
} from './events.ts';
export type { Effect, EffectParams, EffectType } from './effects.ts';
