import { open, type FileHandle } from 'node:fs/promises';
import { serviceClient, type ServiceClient } from '../import/service-client.ts';

export interface ReleaseArguments {
  tenants: readonly string[];
  /** Made for its owner alone; what is there already stays, and is added to. */
  out: string;
  url: string;
  apiKey: string;
}

/** `calendly-reconnect release TENANT… --out FILE`. Each tenant's tokens are on the disk before the next tenant is asked for. */
export async function releaseCommand(
  { tenants, out, url, apiKey }: ReleaseArguments,
  say: (text: string) => void,
): Promise<number> {
  const client = serviceClient({ url, apiKey });
  const file = await open(out, 'a', 0o600);
  let left = 0;
  try {
    for (const tenantId of tenants) {
      const problem = await releaseTenant(client, file, tenantId).catch((error: unknown) =>
        error instanceof Error ? error.message : String(error),
      );
      say(problem === null ? `${tenantId}: released\n` : `${tenantId}: ${problem}\n`);
      if (problem !== null) left++;
    }
  } finally {
    await file.close();
  }
  return left === 0 ? 0 : 1;
}

/** A line that `import` reads again. null: it is written. */
async function releaseTenant(client: ServiceClient, file: FileHandle, tenantId: string): Promise<string | null> {
  const { status, body } = await client.post(`/v1/tenants/${encodeURIComponent(tenantId)}/connection/release`);
  if (status !== 200) return [body['detail'], body['title']].find((text) => typeof text === 'string') ?? `${status}`;
  await file.appendFile(`${JSON.stringify({ tenantId, ...(body['tokens'] as object) })}\n`);
  await file.sync();
  return null;
}
