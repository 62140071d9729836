import { defineConfig } from 'vitest/config';
import common from './vitest.config.ts';

/** Crashes, freezes and faults at every boundary: slow, because real processes are killed and started again. What fails once has failed. */
export default defineConfig({
  ...common,
  test: {
    ...common.test,
    include: ['test/faults/**/*.test.ts'],
    exclude: [],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
