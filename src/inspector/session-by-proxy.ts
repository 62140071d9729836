import type { FastifyRequest } from 'fastify';
import type { InspectorDeps } from './inspector-deps.ts';
import { isPersonName, type Session } from './sessions.ts';

/** How long a live page is told of changes before it has to come through the proxy again. */
const LIVE_SECONDS = 600;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The session of a person whom a trusted proxy has signed in: this request's alone, so that it ends when the proxy's does. Null where
 * no proxy is trusted with names, where the request comes from anybody else, and where it has no such header, or more than one.
 */
export function sessionByProxy(
  { inspectorIdentity, addresses, now }: InspectorDeps,
  request: FastifyRequest,
): Session | null {
  if (inspectorIdentity === null || !addresses.isFromProxy(request)) return null;
  const { header, operators } = inspectorIdentity;
  const { rawHeaders } = request.raw;
  // With two of them, one may be the client's, which the proxy did not take away.
  const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === header);
  const name = values.length === 1 ? readName(values[0]!) : null;
  if (name === null) return null;
  return {
    id: `proxy ${name}`,
    operator: name,
    role: operators === null || operators.includes(name) ? 'operator' : 'viewer',
    seesAudit: true,
    expiresAt: now().getTime() + LIVE_SECONDS * 1000,
    byProxy: true,
  };
}

/** Node.js reads each byte of a header as one character. */
function readName(value: string): string | null {
  try {
    const name = utf8.decode(Buffer.from(value, 'latin1')).trim();
    return isPersonName(name) ? name : null;
  } catch {
    return null;
  }
}
