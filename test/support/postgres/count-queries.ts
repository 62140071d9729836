import type pg from 'pg';

export interface QueryCount {
  /** Begin and commit included. */
  statements: number;
  /** Statements that are sent without waiting for the one before are one trip to the server. */
  roundTrips: number;
}

/** Counts what a pool sends to its server, from its first connection on. Gives what a piece of work has sent. */
export function countQueries(
  pool: pg.Pool,
): (work: () => Promise<unknown>) => Promise<QueryCount & { sent: string[] }> {
  let sent: string[] = [];
  let roundTrips = 0;
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    let underWay = 0;
    const counted = async (...args: unknown[]) => {
      if (underWay++ === 0) roundTrips++;
      sent.push(typeof args[0] === 'string' ? args[0] : (args[0] as { text: string }).text);
      try {
        return await query(...args);
      } finally {
        underWay--;
      }
    };
    client.query = counted as typeof client.query;
  });
  return async (work) => {
    sent = [];
    roundTrips = 0;
    await work();
    return { statements: sent.length, roundTrips, sent };
  };
}
