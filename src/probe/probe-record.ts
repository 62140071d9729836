import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Switches } from '../sandbox/index.ts';

/** An answer without what it says of people: what kind it was, and in an error the error's own words. */
export interface RecordedAnswer {
  step: string;
  status: number | null;
  headers: Record<string, string>;
  said: string | null;
  shape: string[];
}

export interface GroupRecord {
  at: string;
  /** What the sandbox should be set to. */
  switches: Partial<Switches>;
  /** What was seen beside that, and what could not be found out. */
  notes: string[];
  answers: RecordedAnswer[];
}

/** One arrival of the delivery that is refused on purpose. */
export interface RetryAttempt {
  at: number;
  signedAt: number | null;
  /** How long Calendly waited for an answer that did not come; null where it was answered. */
  heldMs: number | null;
}

/** What a probe has found so far. It holds no token and no key: a probe that goes on asks for consent again. */
export interface ProbeRecord {
  /** Not to be guessed: part of the addresses that deliveries go to. */
  run: string;
  startedAt: string;
  groups: Record<string, GroupRecord>;
  /** Subscriptions that were made and are still to be deleted. */
  hooks: string[];
  retries: { hook: string; attempts: RetryAttempt[]; interrupted: boolean } | null;
}

export function newProbeRecord(now: Date): ProbeRecord {
  return { run: randomBytes(16).toString('hex'), startedAt: now.toISOString(), groups: {}, hooks: [], retries: null };
}

export function loadProbeRecord(file: string): ProbeRecord | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ProbeRecord) : null;
}

/** By renaming a whole new file into place: a probe that is killed loses nothing. */
export function saveProbeRecord(file: string, record: ProbeRecord): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 1)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
