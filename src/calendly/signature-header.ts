/** The timestamp stays text, because the signature covers the digits as they were sent. */
export type SignatureHeader = Readonly<{ timestamp: string; signatures: readonly Buffer[] }>;

/** More than a rotation of keys ever needs. Each one costs a comparison. */
const MAX_SIGNATURES = 16;

/**
 * Reads `t=1703438858,v1=<hex>` in any order, with spaces and several v1. Other schemes (v0, v2) are skipped, because a header with a newer
 * scheme beside v1 must stay readable. Returns null if there is no timestamp, two different ones, or no usable v1.
 */
export function parseSignatureHeader(header: string): SignatureHeader | null {
  const timestamps = new Set<string>();
  const signatures: Buffer[] = [];
  for (const part of header.split(',')) {
    const separator = part.indexOf('=');
    if (separator < 0) continue;
    const name = part.slice(0, separator).trim().toLowerCase();
    const value = part.slice(separator + 1).trim();
    if (name === 't') timestamps.add(value);
    if (name === 'v1' && /^[0-9a-f]{64}$/i.test(value)) signatures.push(Buffer.from(value, 'hex'));
  }
  const [timestamp, second] = timestamps;
  if (timestamp === undefined || second !== undefined || !/^\d{1,12}$/.test(timestamp)) return null;
  if (signatures.length === 0 || signatures.length > MAX_SIGNATURES) return null;
  return { timestamp, signatures };
}
