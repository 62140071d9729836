import type { DestinationStream } from 'pino';
import { prettyFactory } from 'pino-pretty';

const toLine = prettyFactory({
  colorize: false,
  singleLine: true,
  translateTime: 'SYS:HH:MM:ss',
  ignore: 'service,reqId,exchangeId,effectId,requestId,headers,query',
});

/** For the person at a terminal: a line to read for each record, and none for requests that went well. */
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
