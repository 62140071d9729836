import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** `npm run test:fuzz`: requests that nobody would write, from the service's own description. FUZZ_SEED repeats a run. */
export default defineConfig({
  ...mergeConfig(base, {}),
  test: { ...base.test, include: ['test/fuzz/**/*.test.ts'], exclude: [], testTimeout: 150_000 },
});
