export type ConfigurationFault = Readonly<{ variable: string; problem: string }>;

/** All faults of the environment at once. Neither `faults` nor the message holds the value of a setting. */
export class ConfigurationError extends Error {
  readonly faults: readonly ConfigurationFault[];

  constructor(faults: readonly ConfigurationFault[]) {
    const lines = faults.map(({ variable, problem }) => `  ${variable} ${problem}`);
    // One line for each fault, so that a log or a supervisor shows it whole.
    super(
      lines.length === 1
        ? `The configuration is refused: ${lines[0]!.trim()}`
        : `The configuration has ${lines.length} faults:\n${lines.join('\n')}`,
    );
    this.name = 'ConfigurationError';
    this.faults = faults;
  }
}
