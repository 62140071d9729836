import type { SnapshotFrom } from 'xstate';
import {
  connectionMachine,
  upcast,
  type ConnectionContext,
  type ConnectionState,
  type Plain,
} from '../../../machines/connection/index.ts';

export type ConnectionSnapshot = SnapshotFrom<typeof connectionMachine>;

/** What is stored: plain JSON. */
export interface StoredSnapshot {
  value: unknown;
  context: ConnectionContext;
  [other: string]: unknown;
}

export function toStored(snapshot: ConnectionSnapshot): StoredSnapshot {
  return JSON.parse(JSON.stringify(connectionMachine.getPersistedSnapshot(snapshot))) as StoredSnapshot;
}

/** Reads a stored snapshot of this or an earlier machine, so that the machine can go on with it. */
export function fromStored(stored: unknown, machineVersion: number): ConnectionSnapshot {
  const current = upcast(stored as Plain, machineVersion);
  return connectionMachine.restoreSnapshot(
    current as Parameters<typeof connectionMachine.restoreSnapshot>[0],
    null as never,
  );
}

/** `{state: 'authorizing', substate: 'awaitingConsent'}`; the sub-state is the dotted path below the state, or null. */
export function stateOf(value: unknown): { state: ConnectionState; substate: string | null } {
  const path: string[] = [];
  for (let at = value; at !== undefined;) {
    if (typeof at === 'string') {
      path.push(at);
      break;
    }
    const [name, below] = Object.entries(at as Record<string, unknown>)[0]!;
    path.push(name);
    at = below;
  }
  return { state: path[0] as ConnectionState, substate: path.slice(1).join('.') || null };
}

export const statePath = (value: unknown): string => {
  const { state, substate } = stateOf(value);
  return substate === null ? state : `${state}.${substate}`;
};
