import { readRecords } from '../import/read-import-file.ts';

const TENANT_ID = /^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,128}$/;

/**
 * The tenants of a file, by line: NDJSON or CSV with the field `tenantId` or `tenant_id`, as `import` reads it. All other fields are left alone, so a
 * list of names under the heading `tenant_id` does as well. Throws where nothing after can be read either.
 */
export async function* readTenantFile(
  chunks: AsyncIterable<Buffer | string>,
): AsyncGenerator<{ line: number; tenantId: string } | { line: number; fault: string }> {
  for await (const read of readRecords(chunks)) {
    if ('fault' in read) {
      yield read;
      continue;
    }
    const tenantId = read.record['tenantId'] ?? read.record['tenant_id'];
    if (typeof tenantId === 'string' && TENANT_ID.test(tenantId)) yield { line: read.line, tenantId };
    else yield { line: read.line, fault: 'tenantId must be 1 to 128 of A-Z a-z 0-9 . _ : -' };
  }
}
