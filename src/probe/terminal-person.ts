import { createInterface, type Interface } from 'node:readline/promises';
import type { Person } from './surroundings.ts';

/** Asks the person at the terminal. If a page shows an error, the person presses Enter. */
export function terminalPerson(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Person & { close(): void } {
  const terminal: Interface = createInterface({ input, output });
  return {
    async agrees({ name, does }) {
      const answer = await terminal.question(`\n${name}: ${does}\nGo on? [y/N] `);
      return /^y(es)?$/i.test(answer.trim());
    },
    async consents(url, why) {
      output.write(`\n  YOUR TURN  Open this and allow access: ${why}.\n\n    ${url}\n\n`);
      await new Promise<void>((resolve) => terminal.once('line', () => resolve()));
      return 'impossible';
    },
    async books(schedulingUrl, name) {
      output.write(
        `\n  YOUR TURN  Book a meeting there as an invitee, under exactly this name: ${name}\n\n    ${schedulingUrl}\n\n`,
      );
    },
    hears: (text) => void output.write(`${text}\n`),
    close: () => terminal.close(),
  };
}
