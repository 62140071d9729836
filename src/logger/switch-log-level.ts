import type { Logger } from './create-logger.ts';

/** SIGUSR2 makes a running service log everything (debug), and a second one brings it back. */
export function switchLogLevel(log: Logger): () => void {
  const usual = log.level;
  const other = usual === 'debug' || usual === 'trace' ? 'info' : 'debug';
  const switchLevel = () => {
    log.level = log.level === usual ? other : usual;
    log.warn({ logLevel: log.level }, 'the log level was changed by SIGUSR2');
  };
  process.on('SIGUSR2', switchLevel);
  return () => void process.off('SIGUSR2', switchLevel);
}
