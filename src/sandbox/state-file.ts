import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { lockState } from './state-lock.ts';
import type { State } from './state.ts';

/** Finished deliveries are only history. The file keeps the latest, so that writing it stays fast. */
const FINISHED_DELIVERIES_KEPT = 200;
/** Writing a file with 2,000 meetings takes about 10 ms, which is too long to do for each of many deliveries. */
const SOON_MS = 50;

/**
 * Written synchronously and renamed, so a `kill -9` at any moment leaves the whole old file or the whole new one. New tokens are in the
 * file before they are sent; otherwise the restarted sandbox would refuse a token that it had given out. There is no fsync, because this
 * protects against a killed process, not against a lost disk.
 */
function saveState(file: string, state: State): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.tmp`;
  const finished = state.deliveries
    .filter((delivery) => delivery.status !== 'pending')
    .slice(-FINISHED_DELIVERIES_KEPT);
  const kept = new Set(finished);
  const deliveries = state.deliveries.filter((delivery) => delivery.status === 'pending' || kept.has(delivery));
  // It holds live tokens of the sandbox, so others may not read it.
  writeFileSync(temporary, JSON.stringify({ ...state, deliveries }), { mode: 0o600 });
  renameSync(temporary, file);
}

/** Saves now, or in a moment together with later changes. Without a file, neither does anything. */
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

  /** From here on, the file may belong to another sandbox. */
  close(): void {
    this.now();
    this.#isClosed = true;
  }
}

/** Opens the state file for this sandbox alone, until `unlock`. Returns the saved state, or null if there is none yet. */
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
  // Lists that are newer than the file are empty at first.
  return { ...state, invitations: state.invitations ?? [], schedulingLinks: state.schedulingLinks ?? [] };
}
