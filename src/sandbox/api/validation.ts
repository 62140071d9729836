import { uuidIn } from '../uris.ts';
import { invalidArgument, type Detail } from './api-error.ts';

type Resource = Parameters<typeof uuidIn>[0];

/**
 * Collects what is wrong with the parameters, and refuses them all at once. The sentences are those of dry-validation. Of these, "is
 * missing" and "must be filled" were seen at Calendly.
 */
export class Validation {
  readonly #given: Record<string, unknown>;
  readonly #details: Detail[] = [];

  constructor(given: unknown) {
    this.#given = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {};
  }

  refuse(parameter: string, message: string): void {
    this.#details.push({ message, parameter });
  }

  string(name: string, { required = false } = {}): string | undefined {
    const value = this.#given[name];
    if (value === undefined || (value === null && !required)) {
      if (required) this.refuse(name, 'is missing');
    } else if (value === null || value === '') {
      this.refuse(name, 'must be filled');
    } else if (typeof value !== 'string') {
      this.refuse(name, 'must be a string');
    } else {
      return value;
    }
    return undefined;
  }

  choice<Choice extends string>(
    name: string,
    choices: readonly Choice[],
    rule?: { required: boolean },
  ): Choice | undefined {
    const value = this.string(name, rule);
    if (value === undefined || choices.includes(value as Choice)) return value as Choice | undefined;
    this.refuse(name, `must be one of: ${choices.join(', ')}`);
    return undefined;
  }

  /** The uuid in a URI parameter. If there is none, Calendly says only this word (recorded for an organization). */
  uri(name: string, resource: Resource, rule?: { required: boolean }): string | undefined {
    const value = this.string(name, rule);
    if (value === undefined) return undefined;
    const uuid = uuidIn(resource, value);
    if (uuid === null) this.refuse(name, 'invalid');
    return uuid ?? undefined;
  }

  integer(name: string, { min, max, otherwise }: { min: number; max: number; otherwise: number }): number {
    const text = this.string(name);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (!Number.isInteger(value)) this.refuse(name, 'must be an integer');
    else if (value < min) this.refuse(name, `must be greater than or equal to ${min}`);
    else if (value > max) this.refuse(name, `must be less than or equal to ${max}`);
    return value;
  }

  stringList(name: string): string[] {
    const value = this.#given[name];
    if (value === undefined) this.refuse(name, 'is missing');
    else if (!Array.isArray(value)) this.refuse(name, 'must be an array');
    else if (value.length === 0) this.refuse(name, 'size cannot be less than 1');
    else if (value.every((item) => typeof item === 'string')) return value;
    else this.refuse(name, 'must be a string');
    return [];
  }

  /** A time in milliseconds. */
  time(name: string, rule?: { required: boolean }): number | undefined {
    const value = this.string(name, rule);
    if (value === undefined) return undefined;
    const milliseconds = Date.parse(value);
    if (Number.isNaN(milliseconds)) this.refuse(name, 'must be a date time');
    return milliseconds;
  }

  /** To be called when all parameters were read. */
  end(): void {
    if (this.#details.length > 0) throw invalidArgument(this.#details);
  }
}
