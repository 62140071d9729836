import type { SickPostgres } from '../../support/postgres/sick-postgres.ts';

/** Makes the database sick while these tenants are at work; gives what has to be done beside healing it. */
export type Sickness = (sick: SickPostgres, tenants: string[]) => Promise<(() => Promise<unknown>) | void>;

/** What can be wrong with the database, or with the way to it. */
export const sicknesses = {
  "another session holds the tenant's row": async (sick, tenants) => {
    const releases = await Promise.all(tenants.map((tenant) => sick.lockTenant(tenant)));
    return () => Promise.all(releases.map((release) => release()));
  },
  'every connection falls silent': async (sick) => sick.fallSilent(),
  'what is sent is done, and its answer is lost': async (sick) => sick.fallSilent({ hears: true }),
  'it restarts': async (sick) => sick.refuse(),
  'it refuses the login': (sick) => sick.refuseLogin(),
  'it is read-only after a failover': (sick) => sick.forbidWriting(),
} satisfies Record<string, Sickness>;

export type SicknessName = keyof typeof sicknesses;
