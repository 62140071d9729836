import type { AnyStateMachine } from 'xstate';
import { FENCES, waitingStates } from '../../../machines/connection/index.ts';
import { statePath } from '../../../src/connection/dispatch/snapshot.ts';
import type { Step } from '../take-step.ts';
import { statesOf, transitionsOf, type MachineTransition } from '../transitions-of.ts';

/** A Markdown table. */
export function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const code = (text: string): string => `\`${text}\``;

/** State × event → target, in the order in which the alternatives are asked. */
export function transitionTables(machine: AnyStateMachine): { title: string; table: string }[] {
  const bySource = Map.groupBy(transitionsOf(machine), ({ source }) => source);
  return statesOf(machine).flatMap((node) => {
    const path = node.path.join('.');
    const transitions = bySource.get(path);
    if (transitions === undefined) return [];
    return [
      {
        title: titleOf(path, Object.keys(node.states).length > 0),
        table: table(['event', 'if', 'goes to'], transitions.map(row)),
      },
    ];
  });
}

function titleOf(path: string, isParent: boolean): string {
  if (path === '') return 'In every state, unless the state handles the event';
  return `${code(path)}${isParent ? ', in all of its states' : ''}${waitingStates.has(path) ? ' (waiting)' : ''}`;
}

function row({ event, guard, target, reenter }: MachineTransition, index: number, all: MachineTransition[]): string[] {
  const isAlternative = index > 0 && all[index - 1]!.event === event;
  const name = event === 'always' ? 'at once' : code(event);
  const otherwise = isAlternative ? 'otherwise' : '';
  const goesTo = target === null ? 'stays' : `${code(target)}${reenter ? ' again' : ''}`;
  return [isAlternative ? '' : name, guard === null ? otherwise : code(guard), goesTo];
}

/** Timers as the steps of all paths set them. */
export function timerTable(steps: Step[]): string {
  const timers = new Map<string, { brings: string; least: number; most: number; where: Set<string> }>();
  for (const step of steps) {
    for (const [name, timer] of step.outgoing.timers) {
      if (timer === null) continue;
      const { event, delayMs } = timer;
      const key = `${kindOf(name)} ${event.type}`;
      const entry = timers.get(key) ?? { brings: event.type, least: delayMs, most: delayMs, where: new Set() };
      entry.least = Math.min(entry.least, delayMs);
      entry.most = Math.max(entry.most, delayMs);
      timers.set(key, { ...entry, where: entry.where.add(whereIs(step)) });
    }
  }
  const range = (least: number, most: number): string =>
    least === most ? duration(least) : `${duration(least)} – ${duration(most)}`;
  return table(
    ['timer', 'event', 'after', 'set when'],
    [...timers]
      .map(([key, { brings, least, most, where }]) => [
        code(key.split(' ')[0]!),
        code(brings),
        range(least, most),
        places(where),
      ])
      .sort(byFirst),
  );
}

/** Effects as the steps of all paths ask for them. */
export function effectTable(steps: Step[]): string {
  const effects = new Map<string, Set<string>>();
  for (const step of steps) {
    for (const { type } of step.outgoing.effects)
      effects.set(type, (effects.get(type) ?? new Set()).add(whereIs(step)));
  }
  return table(
    ['effect', 'started when'],
    [...effects].map(([type, where]) => [code(type), places(where)]).sort(byFirst),
  );
}

const WHEN_LATE: Record<(typeof FENCES)[keyof typeof FENCES], string> = {
  step: 'changes nothing, because only the step that asked for it accepts it',
  late: 'is handled by the table for every state, and not by the state',
  subject: 'is accepted if it names what is current (an attempt, a grant, a debt…); otherwise it changes nothing',
  always: 'is accepted like any other event, because it belongs to no step',
};

/** What happens to facts and timers that come after their step. */
export function fenceTable(): string {
  const named = Object.entries(FENCES).map(([event, fence]) => ({ event, fence }));
  return table(
    ['a late event of this kind', 'events'],
    [...Map.groupBy(named, ({ fence }) => fence)].map(([fence, alike]) => [
      WHEN_LATE[fence],
      alike.map(({ event }) => code(event)).join(', '),
    ]),
  );
}

const kindOf = (timer: string): string => (timer.startsWith('debt:') ? 'debt:…' : timer);
const byFirst = ([a]: string[], [b]: string[]): number => (a! < b! ? -1 : 1);

/** On entering a state, or on an event that leaves the state as it is. */
function whereIs({ before, event, after }: Step): string {
  const isEntry =
    after.snapshot.context.generation !== before.snapshot.context.generation ||
    statePath(before.snapshot.value) !== statePath(after.snapshot.value);
  return isEntry ? `entering ${code(statePath(after.snapshot.value))}` : `on ${code(event.type)}`;
}

function places(where: Set<string>): string {
  const sorted = [...where].sort();
  return sorted.length > 8 ? `${sorted.slice(0, 8).join(', ')} and ${sorted.length - 8} more` : sorted.join(', ');
}

/** `2 min 30 s`; below a second in milliseconds. */
function duration(ms: number): string {
  const parts = [
    [Math.floor(ms / 3_600_000), 'h'],
    [Math.floor(ms / 60_000) % 60, 'min'],
    [Math.round(ms / 1000) % 60, 's'],
  ] as const;
  return (
    parts
      .filter(([count]) => count > 0)
      .map(([count, unit]) => `${count} ${unit}`)
      .join(' ') || `${ms} ms`
  );
}
