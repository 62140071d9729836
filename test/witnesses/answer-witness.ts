import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { PublishedAnswer } from '../../src/sandbox/publish-answers.ts';
import { differences, entryName, undescribed } from './differences.ts';
import { readOperations, type Operation } from './openapi-documents.ts';

export interface Seen {
  /** What no document and no entry of the list allows. */
  problems: string[];
  /** The documents' operations that were answered, with the status. */
  operations: string[];
  /** The entries of the two lists that an answer needed. */
  needed: string[];
}

/** Compares answers of the sandbox with what Calendly's documents say of the same operation and status. */
export class AnswerWitness {
  readonly #operations: Operation[];
  readonly #validators = new Map<object, ValidateFunction>();
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, logger: false, unicodeRegExp: false });
  readonly #problems = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #needed = new Set<string>();

  constructor(folder: string) {
    this.#operations = readOperations(folder);
    (addFormats as unknown as (ajv: Ajv2020) => void)(this.#ajv);
  }

  hear(answer: PublishedAnswer): void {
    if (answer.isFault) return;
    const { method, path, status } = answer;
    const operation = this.#operations.find((each) => each.method === method && each.pattern.test(path));
    if (!operation) {
      const entry = undescribed.find((each) => each.operation.test(`${method} ${path}`));
      if (entry) this.#needed.add(entryName(entry));
      else this.#problems.add(`${method} ${path} ${status}: no document describes this operation`);
      return;
    }
    const name = `${method} ${operation.path}`;
    this.#seen.add(`${name} ${status}`);
    for (const problem of this.#problemsOf(operation, answer)) {
      const entry = differences.find(
        (each) => each.operation.test(name) && each.status === status && each.problem.test(problem),
      );
      if (entry) this.#needed.add(entryName(entry));
      else this.#problems.add(`${name} ${status}: ${problem}`);
    }
  }

  /** What was found since the last time. */
  takeProblems(): string[] {
    const problems = [...this.#problems];
    this.#problems.clear();
    return problems;
  }

  seen(): Seen {
    return { problems: [...this.#problems], operations: [...this.#seen], needed: [...this.#needed] };
  }

  #problemsOf(operation: Operation, { status, contentType, body }: PublishedAnswer): string[] {
    const schema = operation.responses.get(String(status));
    if (schema === undefined) return ['the status is not described'];
    if (schema === null) return body === '' || status !== 204 ? [] : ['a body where none is described'];
    if (!contentType.startsWith('application/json')) return [`the content type is ${contentType}`];
    let validate = this.#validators.get(schema);
    if (!validate) this.#validators.set(schema, (validate = this.#ajv.compile(schema)));
    const value: unknown = JSON.parse(body);
    if (validate(value)) return [];
    const said = status >= 400 ? `: ${String((value as { message?: unknown }).message)}` : '';
    const errors = validate.errors ?? [];
    // Of a choice of which nothing fits, every branch complains as well: only the choice itself is told.
    const choices = errors
      .filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf')
      .map(({ schemaPath }) => `${schemaPath}/`);
    return errors
      .filter(({ schemaPath }) => !choices.some((choice) => schemaPath.startsWith(choice)))
      .map((error) => `${error.instancePath} ${error.message ?? ''}${said}`.trim());
  }
}
