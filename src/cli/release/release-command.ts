import { createReadStream } from 'node:fs';
import { serviceClient, type ServiceClient } from '../import/service-client.ts';
import { wrongAddress, type ServiceAddress } from '../service-address.ts';
import { readTenantFile } from './read-tenant-file.ts';
import { openTokenFile, type TokenFile } from './token-file.ts';

export interface ReleaseArguments extends ServiceAddress {
  tenants: readonly string[];
  /** Of further tenants: NDJSON or CSV, as `import` reads it. */
  file?: string | undefined;
  /** Where the tokens go. Made for its owner alone. */
  out: string;
  /** Tenants at the same time. */
  concurrency: number;
}

const MOST_CONCURRENCY = 64;

/**
 * `calendly-reconnect release TENANT… --file FILE --out FILE`. A tenant's tokens are on the disk before its place is taken by the next one. It can
 * be stopped and started again: whoever is in the file of tokens is left alone. Exit codes: 0 nothing is left to do, 1 something is, 64 wrong use.
 */
export async function releaseCommand(
  { tenants, file, out, url, apiKey, concurrency }: ReleaseArguments,
  say: (text: string) => void,
): Promise<number> {
  const wrong = wrongAddress({ url, apiKey }) ?? wrongUse(tenants, file, concurrency);
  if (wrong !== null) {
    say(`${wrong}\n`);
    return 64;
  }
  const client = serviceClient({ url, apiKey });
  const counts = { released: 0, 'released before': 0, left: 0 };
  let tokens: TokenFile;
  try {
    tokens = await openTokenFile(out);
  } catch (error) {
    say(`${messageOf(error)}\n`);
    return 64;
  }
  const release = async (tenantId: string): Promise<void> => {
    const problem = await releaseTenant(client, tokens, tenantId).catch(messageOf);
    say(problem === null ? `${tenantId}: released\n` : `${tenantId}: ${problem}\n`);
    counts[problem === null ? 'released' : 'left']++;
  };
  const lookAgain = async (tenantId: string): Promise<void> => {
    const isBack = await isConnected(client, tenantId).catch(() => false);
    if (isBack) say(`${tenantId}: is connected again, and ${out} has its former tokens: name another file\n`);
    counts[isBack ? 'left' : 'released before']++;
  };
  const running = new Set<Promise<void>>();
  const seen = new Set<string>();
  try {
    for await (const read of wanted(tenants, file)) {
      if ('fault' in read) {
        say(`line ${read.line}: ${read.fault}\n`);
        counts.left++;
        continue;
      }
      const { tenantId } = read;
      if (seen.has(tenantId)) continue;
      seen.add(tenantId);
      const work: Promise<void> = (tokens.released.has(tenantId) ? lookAgain(tenantId) : release(tenantId)).finally(
        () => running.delete(work),
      );
      running.add(work);
      if (running.size >= concurrency) await Promise.race(running);
    }
  } catch (error) {
    say(`The file was read no further: ${messageOf(error)}\n`);
    counts.left++;
  } finally {
    await Promise.all(running);
    await tokens.close();
  }
  say(
    `${Object.entries(counts)
      .flatMap(([name, count]) => (count === 0 ? [] : [`${count} ${name}`]))
      .join(', ')}\n`,
  );
  return counts.left === 0 ? 0 : 1;
}

function wrongUse(tenants: readonly string[], file: string | undefined, concurrency: number): string | null {
  if (tenants.length === 0 && file === undefined) return 'Name tenants, or a file of them with --file.';
  return Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= MOST_CONCURRENCY
    ? null
    : `--concurrency must be a number from 1 to ${MOST_CONCURRENCY}.`;
}

async function* wanted(tenants: readonly string[], file: string | undefined): ReturnType<typeof readTenantFile> {
  for (const tenantId of tenants) yield { line: 0, tenantId };
  if (file !== undefined) yield* readTenantFile(createReadStream(file));
}

/** It has tokens: it was brought back after its release. */
async function isConnected(client: ServiceClient, tenantId: string): Promise<boolean> {
  const { status, body } = await client.get(`/v1/tenants/${encodeURIComponent(tenantId)}/connection`);
  return status === 200 && body['token'] !== null;
}

/** A line that `import` reads again. null: it is written. */
async function releaseTenant(client: ServiceClient, file: TokenFile, tenantId: string): Promise<string | null> {
  const { status, body } = await client.post(`/v1/tenants/${encodeURIComponent(tenantId)}/connection/release`);
  if (status !== 200) return [body['detail'], body['title']].find((text) => typeof text === 'string') ?? `${status}`;
  await file.append({ tenantId, ...(body['tokens'] as object) });
  return null;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
