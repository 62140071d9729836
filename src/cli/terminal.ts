/** Where a command was typed: what it may read of the surroundings, and where its words go. */
export interface Terminal {
  env: Readonly<Record<string, string | undefined>>;
  /** Where `.data` is, unless DATA_DIR says otherwise. */
  dataDir: string;
  /** A person reads along: steps, colours, a readable log. */
  isForPerson: boolean;
  /** The answer of the command, which a pipe takes. */
  write(text: string): void;
  /** What a person should know beside it. */
  say(text: string): void;
}

/** Ends a command with a sentence and an exit code, and without a stack. */
export class CommandFailed extends Error {
  override name = 'CommandFailed';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const asJson = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
