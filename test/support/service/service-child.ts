import { flushCompileCache } from 'node:module';
import { loadConfig } from '../../../src/config/load-config.ts';
import { createLogger } from '../../../src/logger/create-logger.ts';
import { startService } from '../../../src/boot/start-service.ts';

/**
 * The real service as a process of its own, for tests to kill, freeze and stop: `node service-child.ts <offset ms>`, configured by
 * its environment as ever. The parent moves its clock by messages `{offsetMs}`; each is answered when it holds.
 */
let offsetMs = Number(process.argv[2] ?? 0);
const config = loadConfig(process.env, { dataDir: '/nonexistent' });
const service = await startService({
  config,
  databaseUrl: config.databaseUrl ?? '',
  log: createLogger({ level: config.logLevel }),
  now: () => new Date(Date.now() + offsetMs),
});

process.on('message', (message: { offsetMs: number }) => {
  offsetMs = message.offsetMs;
  process.send?.(message);
});
// A parent that is gone needs no service.
process.on('disconnect', () => process.exit(1));
process.on(
  'SIGTERM',
  () =>
    void service.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    ),
);

await service.app.listen({ host: config.host, port: config.port });
// Most of these processes are killed, and would write nothing at their end.
flushCompileCache();
process.send?.({ listening: true });
