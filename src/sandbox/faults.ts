import { ControlError } from './controls/control-error.ts';

interface FaultBase {
  /** Missing: any method. */
  method?: string;
  /** An exact path (`/users/me`), one with parameters (`/webhook_subscriptions/:uuid`), or a beginning (`/scheduled_events*`). */
  path: string;
  /** How many requests it applies to before it is removed. Missing: 1. */
  times?: number | 'forever';
  /** How many matching requests are not affected at first. */
  after?: number;
}

export type FaultKind =
  | { kind: 'respond'; status: number; body?: unknown; headers?: Record<string, string> }
  | { kind: 'delay'; ms: number }
  | { kind: 'drop' }
  | { kind: 'dropAfterWork' }
  | { kind: 'delayAfterWork'; ms: number }
  | { kind: 'garbage' }
  | { kind: 'blocked' }
  | { kind: 'hang' };

export type FaultInput = FaultBase & FaultKind;
export type Fault = FaultInput & { id: string; hits: number };

const kinds = ['respond', 'delay', 'drop', 'dropAfterWork', 'delayAfterWork', 'garbage', 'blocked', 'hang'];

/** The faults that are switched on. They are not saved, so a restarted sandbox has none. */
export class FaultList {
  readonly #faults: Fault[] = [];
  readonly #passed = new Map<string, number>();
  #count = 0;

  add(input: FaultInput): string {
    check(input);
    const id = `fault-${++this.#count}`;
    this.#faults.push({ ...input, id, hits: 0 });
    return id;
  }

  list(): Fault[] {
    return structuredClone(this.#faults);
  }

  remove(id: string): boolean {
    const at = this.#faults.findIndex((fault) => fault.id === id);
    if (at >= 0) this.#faults.splice(at, 1);
    return at >= 0;
  }

  clear(): void {
    this.#faults.length = 0;
  }

  /** The first fault that applies to this request. Taking it counts it, and removes it after its last time. */
  take(method: string, path: string): Fault | null {
    for (const fault of this.#faults) {
      if (fault.method && fault.method.toUpperCase() !== method) continue;
      if (!matches(fault.path, path)) continue;
      const passed = this.#passed.get(fault.id) ?? 0;
      if (passed < (fault.after ?? 0)) {
        this.#passed.set(fault.id, passed + 1);
        continue;
      }
      fault.hits += 1;
      if (fault.times !== 'forever' && fault.hits >= (fault.times ?? 1)) this.remove(fault.id);
      return fault;
    }
    return null;
  }
}

function matches(pattern: string, path: string): boolean {
  if (pattern.endsWith('*')) return path.startsWith(pattern.slice(0, -1));
  const wanted = pattern.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at]);
}

function check(input: FaultInput): void {
  if (!kinds.includes(input.kind)) throw new ControlError(400, `A fault's kind is one of: ${kinds.join(', ')}.`);
  if (typeof input.path !== 'string' || !input.path.startsWith('/')) {
    throw new ControlError(400, 'A fault needs a path that begins with "/".');
  }
  if ((input.kind === 'delay' || input.kind === 'delayAfterWork') && !(input.ms >= 0)) {
    throw new ControlError(400, `A fault of kind "${input.kind}" needs ms.`);
  }
  if (input.kind === 'respond' && !(input.status >= 200 && input.status <= 599)) {
    throw new ControlError(400, 'A fault of kind "respond" needs a status from 200 to 599.');
  }
}
