import type { FastifyReply } from 'fastify';
import type { Kysely } from 'kysely';
import { Type } from 'typebox';
import type { Database } from '../../db/database.ts';
import type { App } from '../../web/app-type.ts';
import { isSessionEnded } from '../../access/ended-sessions.ts';
import { createSlots } from '../../web/slots.ts';
import { TenantId } from '../../web/tenant-params.ts';
import type { InspectorDeps } from '../inspector-deps.ts';
import { readMark } from '../../connection/reads/read-mark.ts';
import { contextOf } from '../request-session.ts';

/** Many tenants may change at once, so a page is told at most this often. */
const GATHER_MS = 400;
/**
 * How often to look for changes that are not announced: deliveries, exchanges, a lost notification. Each look costs seven index look-ups.
 */
const LOOK_MS = 2_000;
const ALIVE_MS = 20_000;
/** More tabs than people have open. */
const MOST_PER_SESSION = 30;

/** `seen`: what the page already shows, so that no change between the page and this stream is missed. */
const Query = Type.Object({ tenant: Type.Optional(TenantId), seen: Type.Optional(Type.String({ maxLength: 200 })) });

/** Sends server-sent events that say that something changed, but not what. The page then loads itself again. */
export function liveRoute(app: App, { db, changes, now }: InspectorDeps): void {
  const streams = new Set<{ end(): void }>();
  const slots = createSlots(MOST_PER_SESSION, 'live pages in one session');
  // Otherwise an application that closes would wait for open pages.
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });

  // A HEAD request would wait for an end that does not come.
  const options = { exposeHeadRoute: false, schema: { hide: true, querystring: Query } };
  app.get('/inspector/live', options, (request, reply) => {
    const { tenant, seen } = request.query;
    const { session } = contextOf(request);
    slots.take(session.id, reply.raw);
    const stream = startStream(reply);
    streams.add(stream);
    let gathering: NodeJS.Timeout | undefined;
    const changed = () => {
      gathering ??= setTimeout(() => {
        gathering = undefined;
        stream.send('changed');
      }, GATHER_MS);
    };
    const unsubscribe = changes.subscribe((tenantId) => {
      if (tenant === undefined || tenantId === tenant) changed();
    });
    const look = tenant === undefined ? undefined : watch(db, tenant, seen, changed);
    if (tenant === undefined) changed();
    const alive = setInterval(() => {
      if (session.expiresAt <= now().getTime()) return stream.end();
      stream.send('alive');
      // A logout ends it too, at any instance. While the database is down, it goes on.
      isSessionEnded(db, session.id).then(
        (isEnded) => void (isEnded && stream.end()),
        () => {},
      );
    }, ALIVE_MS);
    reply.raw.once('close', () => {
      streams.delete(stream);
      unsubscribe();
      clearTimeout(gathering);
      clearInterval(alive);
      look?.stop();
    });
  });
}

function startStream(reply: FastifyReply): { send(event: string): void; end(): void } {
  reply.hijack();
  reply.raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  const send = (event: string) => void reply.raw.write(`event: ${event}\ndata: {}\n\n`);
  send('alive');
  return { send, end: () => void reply.raw.end() };
}

function watch(
  db: Kysely<Database>,
  tenantId: string,
  first: string | undefined,
  changed: () => void,
): { stop(): void } {
  let seen = first;
  let busy = false;
  const look = async () => {
    if (busy) return;
    busy = true;
    try {
      const mark = await readMark(db, tenantId);
      if (seen !== undefined && mark !== seen) changed();
      seen = mark;
    } catch {
      // The database is down, so the page stays as it is until the next look.
    } finally {
      busy = false;
    }
  };
  void look();
  const timer = setInterval(() => void look(), LOOK_MS);
  return { stop: () => clearInterval(timer) };
}
