/** Whoever starts the embedded database hears of it here. */
export type EmbeddedPostgresLog = { info(message: string): void; warn(message: string): void };
