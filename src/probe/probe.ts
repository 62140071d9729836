import type { Switches } from '../sandbox/index.ts';
import type { ProbeApi } from './probe-api.ts';
import type { ProbeRecord } from './probe-record.ts';
import type { Receiver } from './receiver.ts';
import type { Person, ProbeSettings } from './surroundings.ts';

/** What each group of questions uses. */
export interface Probe {
  readonly settings: ProbeSettings;
  readonly api: ProbeApi;
  readonly receiver: Receiver;
  readonly person: Person;
  readonly record: ProbeRecord;
  save(): void;
}

export interface Findings {
  switches: Partial<Switches>;
  notes: string[];
}

export interface Group {
  name: string;
  /** Told to the person before it begins: what it makes, sends and needs. */
  does: string;
  /** The switches that it can find out. */
  finds: readonly (keyof Switches)[];
  run(probe: Probe): Promise<Findings>;
}
