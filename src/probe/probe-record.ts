import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Switches } from '../sandbox/index.ts';

/** An answer without what it says about people: its status and shape, and an error's own text. */
export interface RecordedAnswer {
  step: string;
  status: number | null;
  headers: Record<string, string>;
  said: string | null;
  shape: string[];
}

export interface GroupRecord {
  at: string;
  /** Switches that the sandbox should have. */
  switches: Partial<Switches>;
  /** What else was seen, and what could not be found out. */
  notes: string[];
  answers: RecordedAnswer[];
}

/** One arrival of the delivery that is refused on purpose. */
export interface RetryAttempt {
  at: number;
  signedAt: number | null;
  /** How long Calendly waited for an answer that did not come; null if it was answered. */
  heldMs: number | null;
}

/** What a probe has found so far. It holds no token and no key, so a probe that goes on asks for consent again. */
export interface ProbeRecord {
  /** Random, because it is part of the addresses that deliveries go to. */
  run: string;
  startedAt: string;
  groups: Record<string, GroupRecord>;
  /** Subscriptions that were made and have to be deleted. */
  hooks: string[];
  retries: { hook: string; attempts: RetryAttempt[]; interrupted: boolean } | null;
}

export function newProbeRecord(now: Date): ProbeRecord {
  return { run: randomBytes(16).toString('hex'), startedAt: now.toISOString(), groups: {}, hooks: [], retries: null };
}

export function loadProbeRecord(file: string): ProbeRecord | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ProbeRecord) : null;
}

/** Writes a new file and renames it, so that a probe that is killed loses nothing. */
export function saveProbeRecord(file: string, record: ProbeRecord): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 1)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
