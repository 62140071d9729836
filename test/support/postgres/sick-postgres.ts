import { randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import pg from 'pg';
import type { TestDatabase } from './test-database.ts';

/** A way to a test's database that can be made sick, and a login of its own that can be refused. */
export interface SickPostgres {
  /** What the service is given. */
  url: string;
  /**
   * A failover without a word: open connections stay open and are never answered again. New ones are answered if `newOnes` is.
   * `hears`: what is sent still arrives and is done, a commit for example; it is the answers that are lost.
   */
  fallSilent(options?: { newOnes?: 'silent' | 'answered'; hears?: boolean }): void;
  /** Every connection is reset, as when the server restarts; new ones go through. */
  cut(): void;
  /** Nobody listens there. */
  refuse(): void;
  /** The login is refused: its password is another one now, and its sessions are ended. */
  refuseLogin(): Promise<void>;
  /** The server is a standby for the moment: nothing can be written. */
  forbidWriting(): Promise<void>;
  /** Another session holds a tenant's connection row. Gives the way to let it go. */
  lockTenant(tenantId: string): Promise<() => Promise<void>>;
  /** All is well again; connections that fell silent stay so. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

export async function makeSick(database: Pick<TestDatabase, 'url' | 'pool'>): Promise<SickPostgres> {
  const target = new URL(database.url);
  const name = target.pathname.slice(1);
  const role = `sick_${randomBytes(4).toString('hex')}`;
  const password = randomBytes(8).toString('hex');
  await database.pool.query(`create role ${role} superuser login password '${password}'`);

  const sockets = new Set<Socket>();
  const silent = new WeakSet<Socket>();
  let isReadOnly = false;
  let hearing = false;
  let state: 'well' | 'silent' | 'refusing' = 'well';
  const proxy = createServer((client) => {
    if (state === 'refusing') return void client.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    if (state === 'silent') silent.add(client);
    client.on('data', (sent) => void ((silent.has(client) && !hearing) || upstream.write(sent)));
    upstream.on('data', (answer) => void (silent.has(client) || client.write(answer)));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => void (silent.has(client) || client.destroy()));
    upstream.on('end', () => {});
    client.unref();
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  const address = new URL(database.url);
  address.port = String((proxy.address() as AddressInfo).port);
  address.username = role;
  address.password = password;

  const endSessions = () =>
    database.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role]);
  return {
    url: address.href,
    fallSilent({ newOnes = 'silent', hears = false } = {}) {
      hearing = hears;
      for (const socket of sockets) silent.add(socket);
      state = newOnes === 'silent' ? 'silent' : 'well';
    },
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    refuse() {
      state = 'refusing';
      for (const socket of sockets) socket.destroy();
    },
    async refuseLogin() {
      await database.pool.query(`alter role ${role} password 'another'`);
      await endSessions();
    },
    async forbidWriting() {
      isReadOnly = true;
      await database.pool.query(`alter database ${name} set default_transaction_read_only = on`);
      await endSessions();
    },
    async lockTenant(tenantId) {
      const holder = new pg.Client({ connectionString: database.url });
      await holder.connect();
      await holder.query('begin');
      await holder.query('select 1 from connection where tenant_id = $1 for update', [tenantId]);
      return async () => {
        await holder.query('rollback');
        await holder.end();
      };
    },
    async heal() {
      state = 'well';
      await database.pool.query(`alter role ${role} password '${password}'`);
      await database.pool.query(
        `begin; set transaction read write; alter database ${name} reset default_transaction_read_only; commit`,
      );
      // What began as read-only stays so.
      if (isReadOnly) await endSessions();
      isReadOnly = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => proxy.close(done));
      await endSessions();
      await database.pool.query(`drop role if exists ${role}`).catch(() => {});
    },
  };
}
