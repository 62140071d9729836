import pg from 'pg';

export interface Listening {
  isUp(): boolean;
  close(): Promise<void>;
}

export interface ListenOptions {
  /** The address of PostgreSQL itself, not of a pool that gives each transaction another connection. */
  url: string;
  channel: string;
  onNotification(payload: string): void;
  /** Called when it listens again after a break. Notifications may have been missed. */
  onReconnect(): void;
  onError(error: unknown): void;
}

const CONNECT_TIMEOUT_MS = 3_000;
/** A connection that does not answer any more is noticed within twice this time. */
const LOOK_MS = 5_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Listens on one connection. After a break it opens another one, with growing pauses, for as long as it takes. The first one has to
 * succeed.
 */
export async function listen({
  url,
  channel,
  onNotification,
  onReconnect,
  onError,
}: ListenOptions): Promise<Listening> {
  let client: pg.Client | null = null;
  let closing = false;
  let pauseMs = FIRST_PAUSE_MS;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const fresh = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: LOOK_MS,
      keepAlive: true,
      application_name: 'calendly-reconnect listen',
    });
    // Set before it connects, because an error without a listener would end the process.
    fresh.on('error', (error) => lose(fresh, error));
    try {
      await fresh.connect();
      fresh.on('notification', ({ payload }) => onNotification(payload ?? ''));
      fresh.on('end', () => lose(fresh, new Error('the connection was ended')));
      await fresh.query(`listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      void fresh.end().catch(() => {});
      throw error;
    }
    client = fresh;
    pauseMs = FIRST_PAUSE_MS;
    timer = setInterval(() => void fresh.query('select 1').catch((error: unknown) => lose(fresh, error)), LOOK_MS);
    // It was closed while it was connecting.
    if (closing) await end();
  }

  function lose(lost: pg.Client, error: unknown): void {
    if (closing || lost !== client) return;
    client = null;
    clearInterval(timer);
    onError(error);
    void lost.end().catch(() => {});
    again();
  }

  function again(): void {
    timer = setTimeout(() => {
      connect().then(
        () => onReconnect(),
        (error: unknown) => {
          onError(error);
          if (!closing) again();
        },
      );
    }, pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }

  async function end(): Promise<void> {
    closing = true;
    clearInterval(timer);
    clearTimeout(timer);
    const last = client;
    client = null;
    await last?.end().catch(() => {});
  }

  await connect();
  return { isUp: () => client !== null, close: end };
}
