import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

const { test, ...rest } = base;

/** `npm run test:browser`: the pages in a real headless Chromium (Debian's, `/usr/bin/chromium`, or `CHROMIUM`). */
export default mergeConfig(
  { ...rest, test: { ...test, include: [], exclude: [] } },
  defineConfig({
    test: { include: ['test/browser/**/*.test.ts'], maxWorkers: 1, testTimeout: 60_000 },
  }),
);
