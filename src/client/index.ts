export type * from './api.ts';
export { createClient } from './create-client.ts';
export { eachItem } from './each-item.ts';
export type { CallOptions, ClientOptions } from './options.ts';
export { streamEvents, type StreamQuery } from './stream-events.ts';
export { ReconnectError } from './reconnect-error.ts';
