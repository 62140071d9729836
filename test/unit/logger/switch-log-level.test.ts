import { expect, test } from 'vitest';
import { createLogger } from '../../../src/logger/create-logger.ts';
import { switchLogLevel } from '../../../src/logger/switch-log-level.ts';
import { waitFor } from '../../support/service/wait-for.ts';

test('a signal makes a running process log everything, and the next one brings it back', async () => {
  const lines: string[] = [];
  const log = createLogger({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const end = switchLogLevel(log);
  const switched = async (times: number) => {
    process.kill(process.pid, 'SIGUSR2');
    await waitFor(() => lines.filter((line) => line.includes('SIGUSR2')).length === times);
    log.debug(`after ${times}`);
  };
  await switched(1);
  await switched(2);
  end();
  expect(lines.map((line) => JSON.parse(line)).map(({ msg, logLevel }) => logLevel ?? msg)).toEqual([
    'debug',
    'after 1',
    'info',
  ]);
});
