/** The six states at the top. Everything finer is a substate. */
export const CONNECTION_STATES = [
  'disconnected',
  'authorizing',
  'refreshing',
  'syncingWebhooks',
  'connected',
  'error',
] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];
