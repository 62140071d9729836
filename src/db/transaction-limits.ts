import {
  CompiledQuery,
  PostgresDialect,
  PostgresDriver,
  type DatabaseConnection,
  type Driver,
  type PostgresDialectConfig,
  type TransactionSettings,
} from 'kysely';

/** Milliseconds; 0: no limit. */
export interface TransactionLimits {
  statementMs: number;
  lockMs: number;
  idleMs: number;
}

/**
 * For a database behind a pool that gives each transaction another connection (PgBouncer, Supabase, Neon). Such a pool takes no settings
 * with a connection, so each transaction begins with its own settings. They are sent together with `begin`, without a further round trip.
 */
export class PooledDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;
  readonly #limits: TransactionLimits;

  constructor(config: PostgresDialectConfig, limits: TransactionLimits) {
    super(config);
    this.#config = config;
    this.#limits = limits;
  }

  override createDriver(): Driver {
    return new PooledDriver(this.#config, this.#limits);
  }
}

class PooledDriver extends PostgresDriver {
  readonly #settings: string;

  constructor(config: PostgresDialectConfig, { statementMs, lockMs, idleMs }: TransactionLimits) {
    super(config);
    this.#settings = [
      `set local statement_timeout = ${statementMs}`,
      `set local lock_timeout = ${lockMs}`,
      `set local idle_in_transaction_session_timeout = ${idleMs}`,
    ].join('; ');
  }

  override async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    if (settings.isolationLevel === undefined && settings.accessMode === undefined) {
      await connection.executeQuery(CompiledQuery.raw(`begin; ${this.#settings}`));
      return;
    }
    await super.beginTransaction(connection, settings);
    await connection.executeQuery(CompiledQuery.raw(this.#settings));
  }
}
