export interface SoakSettings {
  /** Of load; connecting everybody before and settling after come on top. */
  minutes: number;
  tenants: number;
  /** Changes at Calendly (bookings, cancellations …) a second. */
  rate: number;
  /** Chooses what happens; how it interleaves is different each time all the same. */
  seed: number;
}

/** From the environment: SOAK_MINUTES, SOAK_TENANTS, SOAK_RATE, SOAK_SEED. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): SoakSettings {
  const number = (name: string, fallback: number, least: number) => {
    const value = env[name] === undefined || env[name] === '' ? fallback : Number(env[name]);
    if (!Number.isFinite(value) || value < least)
      throw new Error(`${name} must be a number of at least ${least}, not ${env[name]}`);
    return value;
  };
  const tenants = number('SOAK_TENANTS', 200, 2);
  return {
    minutes: number('SOAK_MINUTES', 10, 0.1),
    tenants,
    rate: number('SOAK_RATE', Math.max(2, tenants / 25), 0.1),
    seed: number('SOAK_SEED', Math.floor(Math.random() * 1e9), 0),
  };
}
