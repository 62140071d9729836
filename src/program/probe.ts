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

const DESCRIPTION = `Takes a Calendly account that can be thrown away through what no document says, and prints which switches the sandbox should have.
It takes the service's settings (CALENDLY_CLIENT_ID, PUBLIC_URL …) and its place: stop the service first. Each group of questions is
asked for before it begins; break it off with Ctrl-C and start it again to go on. See docs/fidelity.md.`;

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
    .option('--again', 'forget what was found and begin anew')
    .option('--switches <file>', 'where to write the switches, for SANDBOX_SWITCHES (.data/probe-switches.json)')
    .action((options: { again?: true; switches?: string }) => run(terminal, options));

async function run({ env, dataDir, write }: Terminal, options: { again?: true; switches?: string }): Promise<void> {
  const config = loadConfig(env, { dataDir });
  if (config.mode === 'sandbox')
    throw new CommandFailed('CALENDLY_CLIENT_ID is not set: there is no Calendly to ask. See probe --help.', 78);
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
