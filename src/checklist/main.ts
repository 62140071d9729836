import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ConfigurationError } from '../config/configuration-error.ts';
import { loadConfig } from '../config/load-config.ts';
import type { FaultInput } from '../sandbox/index.ts';
import { hasPassed, printReport } from './report.ts';
import { runChecklist } from './run-checklist.ts';
import { openRealSurroundings } from './surroundings/real.ts';
import { startSandboxSurroundings } from './surroundings/sandbox.ts';

const HELP = `npm run checklist [-- options]

Runs the four acceptance scenarios and prints what was found. Exit code 0: all passed, 1: one failed, 78: the configuration is wrong.
Without CALENDLY_CLIENT_ID everything is started for it, sandbox included. With it, the configured Calendly is used and you are asked to click.

  --reconnects N       how often to reconnect (10)
  --patience SECONDS   how long the service may take for anything (15; 60 with the real Calendly)
  --person MINUTES     how long to wait for you (10)
  --fault JSON         a fault of the sandbox, see docs/sandbox.md; may be repeated. To see the checklist fail:
                       --fault '{"method":"DELETE","path":"/webhook_subscriptions/:uuid","kind":"respond","status":500,"times":"forever"}'
`;
const DATA_DIR = fileURLToPath(new URL('../../.data', import.meta.url));
/** Progress goes where it does not mix with the table. */
const say = (text: string) => void process.stderr.write(text);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      reconnects: { type: 'string', default: '10' },
      patience: { type: 'string' },
      person: { type: 'string', default: '10' },
      fault: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const config = loadConfig(process.env, { dataDir: DATA_DIR });
  const world =
    config.mode === 'sandbox'
      ? await startSandboxSurroundings({
          faults: values.fault.map((json) => JSON.parse(json) as FaultInput),
          patienceSeconds: Number(values.patience ?? 15),
          say,
        })
      : await openRealSurroundings({
          config,
          personMinutes: Number(values.person),
          patienceSeconds: Number(values.patience ?? 60),
          say,
        });

  let closing: Promise<void> | undefined;
  const close = () => (closing ??= world.close());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      say('\nStopping, and leaving nothing behind …\n');
      void close().finally(() => process.exit(130));
    });
  }
  try {
    const { outcomes, figures } = await runChecklist(world, { reconnects: Number(values.reconnects), say });
    process.stdout.write(`\n${printReport(world.title, outcomes, figures)}`);
    return outcomes.every(hasPassed) ? 0 : 1;
  } finally {
    await close();
  }
}

process.exitCode = await main().catch((error: unknown) => {
  say(`${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof ConfigurationError ? 78 : 1;
});
