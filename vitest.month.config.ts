import { defineConfig } from 'vitest/config';
import common from './vitest.config.ts';

/** `npm run test:month`: the machine in virtual time, with Calendly failing in each way. `VIRTUAL_DAYS` says for how long. */
export default defineConfig({
  ...common,
  test: { ...common.test, include: ['test/machines/virtual-time.test.ts'], exclude: [] },
});
