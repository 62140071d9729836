import { open, type FileHandle } from 'node:fs/promises';
import { readTenantFile } from './read-tenant-file.ts';

/** Where the tokens go: a line for each tenant, on the disk before anything else happens. */
export interface TokenFile {
  /** Tenants whose tokens are in it already. */
  released: ReadonlySet<string>;
  append(line: object): Promise<void>;
  close(): Promise<void>;
}

/** Made for its owner alone; what is there already stays, and is added to. Throws if others may read it: it has tokens in it. */
export async function openTokenFile(path: string): Promise<TokenFile> {
  const file = await open(path, 'a+', 0o600);
  try {
    const { mode, size } = await file.stat();
    if ((mode & 0o077) !== 0)
      throw new Error(
        `${path} can be read by others than its owner. Take that away (chmod 600), or name another file.`,
      );
    const released = new Set<string>();
    if (size > 0) {
      for await (const read of readTenantFile(file.createReadStream({ start: 0, autoClose: false })))
        if ('tenantId' in read) released.add(read.tenantId);
      // A crash has cut the last line off: what follows begins a line of its own.
      if (!(await endsWithNewline(file, size))) await file.appendFile('\n');
    }
    let last: Promise<void> = Promise.resolve();
    const write = async (line: object): Promise<void> => {
      await file.appendFile(`${JSON.stringify(line)}\n`);
      await file.sync();
    };
    return {
      released,
      append: (line) => (last = last.then(() => write(line))),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function endsWithNewline(file: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() === '\n';
}
