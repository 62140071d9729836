import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ConfigurationError } from '../config/configuration-error.ts';
import { loadConfig, type Config } from '../config/load-config.ts';
import { compareWithSandbox } from './compare-with-sandbox.ts';
import { printFindings, switchesOf } from './findings.ts';
import { loadProbeRecord, newProbeRecord, saveProbeRecord } from './probe-record.ts';
import type { ProbeSettings } from './surroundings.ts';
import { runProbe } from './run-probe.ts';
import { terminalPerson } from './terminal-person.ts';

const HELP = `npm run probe [-- options]

Takes a Calendly account that can be thrown away through what no document says, and prints which switches the sandbox should have.
It takes the service's settings (CALENDLY_CLIENT_ID, PUBLIC_URL …) and its place: stop the service first. Each group of questions is
asked for before it begins; break it off with Ctrl-C and start it again to go on. See docs/fidelity.md.

  --again              forget what was found and begin anew
  --switches FILE      where to write the switches (.data/probe-switches.json), for SANDBOX_SWITCHES
`;
const DATA_DIR = fileURLToPath(new URL('../../.data', import.meta.url));
const RECORD = `${DATA_DIR}/probe.json`;

const WAITS: ProbeSettings['waits'] = {
  personSeconds: 600,
  deliverySeconds: 120,
  holdSeconds: 120,
  retriesSeconds: 26 * 3600,
  retriesPollSeconds: 120,
};

function settingsOf({ calendly, publicUrl, host, port }: Config): ProbeSettings {
  const { authBaseUrl, apiBaseUrl, clientId, clientSecret, signingKeys } = calendly;
  const applicationKeys = signingKeys.map(({ value }) => value);
  return { authBaseUrl, apiBaseUrl, clientId, clientSecret, publicUrl, host, port, applicationKeys, waits: WAITS };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      again: { type: 'boolean', default: false },
      switches: { type: 'string', default: `${DATA_DIR}/probe-switches.json` },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const config = loadConfig(process.env, { dataDir: DATA_DIR });
  if (config.mode === 'sandbox') {
    process.stderr.write('CALENDLY_CLIENT_ID is not set: there is no Calendly to ask. See npm run probe -- --help.\n');
    return 78;
  }
  if (values.again) rmSync(RECORD, { force: true });
  const settings = settingsOf(config);
  const record = loadProbeRecord(RECORD) ?? newProbeRecord(new Date());
  const person = terminalPerson(process.stdin, process.stderr);
  const broken = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => broken.abort());
  try {
    await runProbe({ settings, person, record, save: (each) => saveProbeRecord(RECORD, each), signal: broken.signal });
    writeFileSync(values.switches, `${JSON.stringify(switchesOf(record), null, 2)}\n`);
    process.stdout.write(printFindings(record, await compareWithSandbox(record, settings)));
    process.stdout.write(
      `The switches are in ${values.switches}: SANDBOX_SWITCHES=${values.switches} npm run sandbox\n`,
    );
    return 0;
  } finally {
    person.close();
  }
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof ConfigurationError ? 78 : 1;
});
