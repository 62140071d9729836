import { GROUPS } from './groups/groups.ts';
import { deleteHooks } from './hooks.ts';
import type { Group, Probe } from './probe.ts';
import type { Person, ProbeSettings } from './surroundings.ts';
import { CLEAN_UP, createProbeApi } from './probe-api.ts';
import type { ProbeRecord } from './probe-record.ts';
import { startReceiver } from './receiver.ts';

export interface ProbeRun {
  settings: ProbeSettings;
  person: Person;
  /** It is changed during the run, and `save` stores it. */
  record: ProbeRecord;
  save(record: ProbeRecord): void;
  groups?: readonly Group[];
  /** Stops the run. What was found stays, and the next run goes on from there. */
  signal?: AbortSignal;
}

/**
 * Runs every group that is not done yet and that the person agrees to. However the run ends, everything that it made is deleted and its
 * tokens are revoked. Only the subscription of the retries stays until they are over.
 */
export async function runProbe({ settings, person, record, save, groups = GROUPS, signal }: ProbeRun): Promise<void> {
  const receiver = await startReceiver(record.run, settings);
  const api = createProbeApi(settings, receiver, person);
  const probe: Probe = { settings, receiver, person, record, api, save: () => save(record) };
  const brokenOff = new Promise<never>((_resolve, reject) =>
    signal?.addEventListener('abort', () => reject(new Error('Broken off. Start it again to go on.')), { once: true }),
  );
  const ask = async (group: Group): Promise<void> => {
    if (record.groups[group.name] !== undefined || !(await person.agrees(group))) return;
    person.hears(`${group.name} …`);
    const findings = await group.run(probe);
    record.groups[group.name] = { at: new Date().toISOString(), ...findings, answers: api.takeAnswers() };
    save(record);
  };
  try {
    save(record);
    for (const group of groups) await Promise.race([ask(group), brokenOff]);
  } finally {
    await api.close();
    const kept = record.retries?.hook;
    const leftOver = record.hooks.filter((uri) => uri !== kept);
    if (leftOver.length > 0 && api.isConsented()) await deleteHooks(probe, CLEAN_UP, leftOver);
    await api.revokeAll(CLEAN_UP);
    await receiver.close();
  }
}
