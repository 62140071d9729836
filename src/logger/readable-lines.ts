import type { DestinationStream } from 'pino';
import { prettyFactory } from 'pino-pretty';

const toLine = prettyFactory({
  colorize: false,
  singleLine: true,
  translateTime: 'SYS:HH:MM:ss',
  ignore: 'service,reqId,exchangeId,effectId,requestId,headers,query',
});

/** Writes a readable line for each record, for a person at a terminal. Requests that went well get no line. */
export function readableLines(write: (text: string) => void): DestinationStream {
  return {
    write(record: string) {
      if (!isRoutine(record)) write(toLine(record));
    },
  };
}

function isRoutine(record: string): boolean {
  const { msg, res, level } = JSON.parse(record) as { msg?: string; res?: { statusCode?: number }; level: string };
  if (level !== 'info') return false;
  return (
    msg === 'request aborted' ||
    (msg === 'request completed' && (res?.statusCode ?? 0) < 500) ||
    (msg?.startsWith('Server listening') ?? false)
  );
}
