import { startSandbox } from '../sandbox/index.ts';
import { differencesOf, switchesOf } from './findings.ts';
import { GROUPS } from './groups/groups.ts';
import { newProbeRecord, type ProbeRecord } from './probe-record.ts';
import type { ProbeSettings } from './surroundings.ts';
import { runProbe } from './run-probe.ts';
import { sandboxPerson } from './sandbox-person.ts';

const CLIENT = { clientId: 'probe', clientSecret: 'probe-secret-of-the-sandbox' };

/** For a comparison that asks quickly and receives deliveries on loopback. */
const NOT_IN_THE_WAY = { tokenRateLimit: null, apiRateLimit: null, requireHttpsCallback: false };

/**
 * Asks the same questions of a sandbox with the switches that were found, and returns where it answers differently. The retries, which take
 * a day, are left out.
 */
export async function compareWithSandbox(record: ProbeRecord, settings: ProbeSettings): Promise<string[]> {
  const sandbox = await startSandbox({ ...CLIENT, switches: { ...switchesOf(record), ...NOT_IN_THE_WAY } });
  try {
    const own = newProbeRecord(new Date());
    await runProbe({
      settings: {
        ...settings,
        ...CLIENT,
        authBaseUrl: sandbox.url,
        apiBaseUrl: sandbox.url,
        publicUrl: `http://127.0.0.1:${settings.port}`,
        host: '127.0.0.1',
        waits: { ...settings.waits, personSeconds: 5, deliverySeconds: 5 },
      },
      person: sandboxPerson(sandbox, 'alice'),
      record: own,
      save: () => {},
      groups: GROUPS.filter(({ name }) => record.groups[name] !== undefined && name !== 'retries' && name !== 'limits'),
    });
    return differencesOf(record, own);
  } finally {
    await sandbox.close();
  }
}
