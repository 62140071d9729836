import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { CommandFailed, type Terminal } from '../cli/terminal.ts';
import { loadConfig, type Config } from '../config/load-config.ts';
import { compareWithSandbox } from '../probe/compare-with-sandbox.ts';
import { printFindings, switchesOf } from '../probe/findings.ts';
import { loadProbeRecord, newProbeRecord, saveProbeRecord } from '../probe/probe-record.ts';
import { runProbe } from '../probe/run-probe.ts';
import type { ProbeSettings } from '../probe/surroundings.ts';
import { terminalPerson } from '../probe/terminal-person.ts';

const DESCRIPTION = `Asks a Calendly account that you do not need what no document says, and prints which switches the sandbox should have.
It uses the service's settings (CALENDLY_CLIENT_ID, PUBLIC_URL …) and its port, so stop the service first. It asks you before each
group of questions. Ctrl-C stops it; start it again to continue. See docs/fidelity.md.`;

const WAITS: ProbeSettings['waits'] = {
  personSeconds: 600,
  deliverySeconds: 120,
  holdSeconds: 120,
  retriesSeconds: 26 * 3600,
  retriesPollSeconds: 120,
};

export const probeCommand = (terminal: Terminal): Command =>
  new Command('probe')
    .summary('ask a real Calendly account what no document says')
    .description(DESCRIPTION)
    .option('--again', 'delete the results and start again')
    .option('--switches <file>', 'where to write the switches, for SANDBOX_SWITCHES (.data/probe-switches.json)')
    .action((options: { again?: true; switches?: string }) => run(terminal, options));

async function run({ env, dataDir, write }: Terminal, options: { again?: true; switches?: string }): Promise<void> {
  const config = loadConfig(env, { dataDir });
  if (config.mode === 'sandbox')
    throw new CommandFailed('CALENDLY_CLIENT_ID is not set, so there is no Calendly to ask. See probe --help.', 78);
  const switches = options.switches ?? join(config.dataDir, 'probe-switches.json');
  const file = join(config.dataDir, 'probe.json');
  if (options.again) rmSync(file, { force: true });
  const settings = settingsOf(config);
  const record = loadProbeRecord(file) ?? newProbeRecord(new Date());
  const person = terminalPerson(process.stdin, process.stderr);
  const broken = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => broken.abort());
  try {
    await runProbe({ settings, person, record, save: (each) => saveProbeRecord(file, each), signal: broken.signal });
    writeFileSync(switches, `${JSON.stringify(switchesOf(record), null, 2)}\n`);
    write(printFindings(record, await compareWithSandbox(record, settings)));
    write(`The switches are in ${switches}: SANDBOX_SWITCHES=${switches} npm run sandbox\n`);
  } finally {
    person.close();
  }
}

function settingsOf({ calendly, publicUrl, host, port }: Config): ProbeSettings {
  const { authBaseUrl, apiBaseUrl, clientId, clientSecret, signingKeys } = calendly;
  const applicationKeys = signingKeys.map(({ value }) => value);
  return { authBaseUrl, apiBaseUrl, clientId, clientSecret, publicUrl, host, port, applicationKeys, waits: WAITS };
}
