import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { lockState } from './state-lock.ts';
import type { State } from './state.ts';

/** Finished deliveries are only history: the file keeps the latest, so that writing it stays quick. */
const FINISHED_DELIVERIES_KEPT = 200;
/** A file with 2,000 meetings takes some 10 ms to write: too long to do for each of many deliveries. */
const SOON_MS = 50;

/**
 * Written synchronously and renamed into place: a `kill -9` at any moment leaves the old file or the new one, whole. A
 * rotated token is in the file before its answer leaves, or else the restarted sandbox would refuse a token that it had
 * handed out. No fsync: this is about a killed process, not a lost disk.
 */
function saveState(file: string, state: State): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.tmp`;
  const finished = state.deliveries
    .filter((delivery) => delivery.status !== 'pending')
    .slice(-FINISHED_DELIVERIES_KEPT);
  const kept = new Set(finished);
  const deliveries = state.deliveries.filter((delivery) => delivery.status === 'pending' || kept.has(delivery));
  // It holds live tokens of the sandbox, hence not readable for others.
  writeFileSync(temporary, JSON.stringify({ ...state, deliveries }), { mode: 0o600 });
  renameSync(temporary, file);
}

/** Saves now, or within a moment together with whatever else comes. Without a file neither does anything. */
export class StateSaver {
  readonly #file: string | undefined;
  readonly #state: State;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(file: string | undefined, state: State) {
    this.#file = file;
    this.#state = state;
  }

  now(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#file && !this.#isClosed) saveState(this.#file, this.#state);
  }

  soon(): void {
    if (this.#file) this.#timer ??= setTimeout(() => this.now(), SOON_MS);
  }

  /** From here on the file may be another sandbox's. */
  close(): void {
    this.now();
    this.#isClosed = true;
  }
}

/** The saved state, or null where there is none yet; and the file is this sandbox's until `unlock`. */
export function openState(file: string): { saved: State | null; unlock(): void } {
  const unlock = lockState(file);
  try {
    return { saved: loadState(file), unlock };
  } catch (error) {
    unlock();
    throw error;
  }
}

function loadState(file: string): State | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const state = JSON.parse(text) as State;
  if (state.version !== 1) throw new Error(`${file} was written by another version of the sandbox; move it away.`);
  // Lists that are newer than the file begin empty.
  return { ...state, invitations: state.invitations ?? [], schedulingLinks: state.schedulingLinks ?? [] };
}
