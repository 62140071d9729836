import { pino, type DestinationStream, type Logger } from 'pino';
import { cutQueries } from './cut-queries.ts';
import { redact } from './redact.ts';
import { serializeError } from './serialize-error.ts';

export type { Logger } from 'pino';

type LoggedRequest = { method?: string; url?: string; ip?: string };
type LoggedReply = { statusCode?: number };

const serializers = {
  req: ({ method, url, ip }: LoggedRequest) => ({ method, path: url?.replace(/[?#].*$/s, ''), remoteAddress: ip }),
  res: ({ statusCode }: LoggedReply) => ({ statusCode }),
  err: (error: unknown) => serializeError(error),
  msg: (message: unknown) => (typeof message === 'string' ? cutQueries(message) : message),
};
const serialized = new Set(Object.keys(serializers));

/** One JSON line per record on standard output (or `destination`), without secrets and without queries. */
export function createLogger(options: { level: string }, destination?: DestinationStream): Logger {
  const logger = pino(
    {
      level: options.level,
      base: { service: 'calendly-reconnect' },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields, serialized) as Record<string, unknown>,
      },
    },
    destination ?? pino.destination(1),
  );

  // pino does not give a child's bindings to formatters, so the method that makes children is replaced. Every descendant inherits it.
  const { child } = logger;
  logger.child = function (this: Logger, bindings: object, childOptions?: object) {
    return child.call(this, redact(bindings, serialized) as Record<string, unknown>, childOptions);
  } as typeof logger.child;
  return logger;
}
