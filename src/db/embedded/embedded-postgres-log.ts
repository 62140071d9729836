/** Where the embedded database logs. */
export type EmbeddedPostgresLog = { info(message: string): void; warn(message: string): void };
