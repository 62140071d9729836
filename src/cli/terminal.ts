/** The place where a command was typed: what it can read there, and where its output goes. */
export interface Terminal {
  env: Readonly<Record<string, string | undefined>>;
  /** The folder that `.data` is in, unless DATA_DIR says otherwise. */
  dataDir: string;
  /** True if a person reads the output: steps, colours, a readable log. */
  isForPerson: boolean;
  /** The result of the command, on standard output. */
  write(text: string): void;
  /** Messages for a person, on standard error. */
  say(text: string): void;
}

/** Ends a command with a sentence and an exit code, without a stack. */
export class CommandFailed extends Error {
  override name = 'CommandFailed';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const asJson = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
