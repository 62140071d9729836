import { defineConfig } from 'vitest/config';
import common from './vitest.config.ts';

/**
 * `npm run test:witnesses`: every answer of the sandbox, in each integration test, against Calendly's own OpenAPI documents.
 * `TEST_POSTGRES_BIN` runs them on another PostgreSQL at the same time; then without the tests of the one that comes along.
 */
const ofEmbeddedPostgres = ['test/integration/db/embedded-*.test.ts', 'test/integration/db/types.test.ts'];

export default defineConfig({
  ...common,
  test: {
    ...common.test,
    // The service's own calls too, and the probe's: they ask for what the sandbox's tests do not.
    include: ['test/integration/**/*.test.ts', 'test/witnesses/**/*.test.ts'],
    exclude: process.env['TEST_POSTGRES_BIN'] === undefined ? [] : ofEmbeddedPostgres,
    globalSetup: ['test/witnesses/whole-run.ts', 'test/support/postgres/test-postgres.ts'],
    setupFiles: [
      'test/support/guards/closed-network.ts',
      'test/support/guards/leaked-handles.ts',
      'test/witnesses/listen-to-answers.ts',
    ],
  },
});
