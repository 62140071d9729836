import { sql } from 'kysely';
import pg from 'pg';
import type { TestDatabase } from '../postgres/test-database.ts';
import { waitFor } from '../service/wait-for.ts';

/**
 * Where the service can be held, by a lock inside its own statement: `run` = an effect was taken up and its call was not made ·
 * `commit` = its answer is in hand and its event is written but not committed · `finish` = the same at the end of the effect.
 */
export type Gate = 'run' | 'commit' | 'finish';

const LOCKS = { run: 4241, commit: 4242, finish: 4243 } as const;

export interface Gates {
  /** `*`: every effect; of one tenant, or of all. */
  close(gate: Gate, effect: string, tenant?: string): Promise<void>;
  /** Comes back when the service stands at the gate, with so many effects. */
  reached(gate: Gate, count?: number): Promise<void>;
  /** The gate of one effect, or of all. */
  open(gate: Gate, effect?: string): Promise<void>;
  /** For a service that was killed: what its sessions had begun is rolled back before all gates open. */
  openAfterKill(): Promise<void>;
  end(): Promise<void>;
}

export async function installGates({ db, url }: TestDatabase): Promise<Gates> {
  await sql`create table test_gate (gate text, effect text, tenant text)`.execute(db);
  await sql
    .raw(`create function hold_at_gate() returns trigger language plpgsql as $$
    declare at text; kind text; closed text;
    begin
      if tg_table_name = 'history' then
        at := case when new.kind = 'event' then 'commit' end;
        kind := new.cause->>'effect';
      else
        at := case when new.runs > old.runs then 'run' when old.answered_at is null and new.answered_at is not null then 'finish' end;
        kind := new.type;
      end if;
      select effect || ' ' || tenant into closed from test_gate
        where gate = at and effect in (kind, '*') and tenant in (new.tenant_id, '*') limit 1;
      if found then perform pg_advisory_xact_lock_shared(
        case at when 'run' then ${LOCKS.run} when 'commit' then ${LOCKS.commit} else ${LOCKS.finish} end, hashtext(closed));
      end if;
      return new;
    end $$`)
    .execute(db);
  await sql`create trigger hold before insert on history for each row execute function hold_at_gate()`.execute(db);
  await sql`create trigger hold before update on effect for each row execute function hold_at_gate()`.execute(db);
  // A gate holds an effect before it can be said to have begun, and a deadline counts from then: here it counts from when it was asked for.
  await sql
    .raw(`create function begin_when_asked() returns trigger language plpgsql as $$
    begin
      new.begun_at := 'epoch';
      return new;
    end $$`)
    .execute(db);
  await sql`create trigger begin_when_asked before insert on effect for each row execute function begin_when_asked()`.execute(
    db,
  );
  const holder = new pg.Client({ connectionString: url });
  // A database that is restarted takes this connection with it: that is what such a test wants.
  holder.on('error', () => {});
  await holder.connect();

  const closed = new Map<string, { gate: Gate; effect: string; tenant: string }>();
  const waitingAt = async (lock: number | null) =>
    (
      await sql<{ pid: number }>`select pid from pg_locks where locktype = 'advisory' and not granted
    and database = (select oid from pg_database where datname = current_database())
    and (${lock}::int is null or classid::int = ${lock}::int)`.execute(db)
    ).rows;
  const open: Gates['open'] = async (gate, effect) => {
    for (const [key, each] of closed) {
      if (each.gate !== gate || (effect !== undefined && each.effect !== effect)) continue;
      closed.delete(key);
      await sql`delete from test_gate where gate = ${gate} and effect = ${each.effect} and tenant = ${each.tenant}`.execute(
        db,
      );
      await holder.query('select pg_advisory_unlock($1, hashtext($2))', [LOCKS[gate], `${each.effect} ${each.tenant}`]);
    }
  };
  return {
    async close(gate, effect, tenant = '*') {
      const key = `${gate} ${effect} ${tenant}`;
      if (closed.has(key)) return;
      closed.set(key, { gate, effect, tenant });
      await holder.query('select pg_advisory_lock($1, hashtext($2))', [LOCKS[gate], `${effect} ${tenant}`]);
      await sql`insert into test_gate values (${gate}, ${effect}, ${tenant})`.execute(db);
    },
    reached: (gate, count = 1) =>
      waitFor(async () => (await waitingAt(LOCKS[gate])).length >= count, {
        describe: `the service at the gate ${gate}`,
        timeoutMs: 15_000,
      }).then(() => {}),
    open,
    async openAfterKill() {
      for (const { pid } of await waitingAt(null)) await sql`select pg_terminate_backend(${pid}, 5000)`.execute(db);
      for (const gate of Object.keys(LOCKS) as Gate[]) await open(gate);
    },
    end: () => holder.end(),
  };
}
