import { defaultSwitches, type Switches } from '../sandbox/index.ts';
import { GROUPS } from './groups/groups.ts';
import type { ProbeRecord } from './probe-record.ts';
import { compareShapes } from './shape.ts';

/** Deliveries of a sandbox come over loopback, so it has to allow plain HTTP. */
const CREATE_FOR_HTTP = 'create for http://';

/** The switches that the sandbox should have, in the form of `SANDBOX_SWITCHES`. */
export function switchesOf({ groups }: ProbeRecord): Partial<Switches> {
  return Object.assign({}, ...GROUPS.map(({ name }) => groups[name]?.switches ?? {})) as Partial<Switches>;
}

/** Where answers of Calendly and of the sandbox to the same request differ in status or shape. */
export function differencesOf(calendlys: ProbeRecord, sandboxs: ProbeRecord): string[] {
  return Object.entries(calendlys.groups).flatMap(([group, { answers }]) => {
    const others = new Map(sandboxs.groups[group]?.answers.map((each) => [each.step, each]));
    return answers.flatMap(({ step, status, shape }) => {
      const other = others.get(step);
      if (other === undefined || step === CREATE_FOR_HTTP) return [];
      if (other.status !== status) return [`${group}, ${step}: ${status} at Calendly, ${other.status} in the sandbox`];
      return compareShapes(shape, other.shape).map((what) => `${group}, ${step}: ${what}`);
    });
  });
}

export function printFindings(record: ProbeRecord, differences: readonly string[]): string {
  const found = switchesOf(record);
  const lines = GROUPS.flatMap((group) => {
    const done = record.groups[group.name];
    if (done === undefined) return [`${group.name}: not asked`];
    const named = group.finds.map((name) => {
      const value = JSON.stringify(done.switches[name]);
      if (value === undefined) return `  ${name}: not found out`;
      return `  ${name}: ${value}${value === JSON.stringify(defaultSwitches[name]) ? '' : `  (the sandbox's default is ${JSON.stringify(defaultSwitches[name])})`}`;
    });
    return [group.name, ...named, ...done.notes.map((note) => `  ${note}`)];
  });
  const compared =
    differences.length === 0
      ? ['The answers have the shapes that the sandbox gives them.']
      : ['Answers that the sandbox gives otherwise:', ...differences.map((each) => `  ${each}`)];
  return `${[...lines, '', ...compared, '', `${Object.keys(found).length} switches found.`].join('\n')}\n`;
}
