import { defineConfig } from 'vitest/config';
import common from './vitest.config.ts';

/**
 * `npm run test:postgres15`: what touches data, on the oldest PostgreSQL that is supported (Debian's; `TEST_POSTGRES_BIN` names another
 * one). Left out is what starts the PostgreSQL that comes along.
 */
process.env['TEST_POSTGRES_BIN'] ??= '/usr/lib/postgresql/15/bin';

export default defineConfig({
  ...common,
  test: {
    ...common.test,
    include: ['test/integration/**/*.test.ts'],
    exclude: [
      'test/integration/db/embedded-*.test.ts',
      'test/integration/db/types.test.ts',
      'test/integration/{demo,checklist,sandbox}/**',
    ],
  },
});
