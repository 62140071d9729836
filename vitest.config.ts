import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      // Each needs something, or minutes, and has a command of its own: `npm run test:browser`, `test:faults`, …
      'test/{browser,faults,fuzz,package,pooled,witnesses}/**',
      // The long ones among the integration tests: `npm run test:witnesses` and `test:postgres15` run them with all others.
      'test/integration/{checklist,probe}/**',
      'test/integration/moving-in/page.test.ts',
      'test/integration/host-events/fair-posting.test.ts',
      'test/integration/security/hostile-input.test.ts',
      'test/integration/db/sick-database.test.ts',
      'test/integration/db/tls.test.ts',
      'test/integration/tracing/**',
      'test/integration/boot/start.test.ts',
      'test/integration/diagnosis/broken-tenants.test.ts',
      'test/integration/program/program.test.ts',
      'test/integration/lifecycle/{moved-and-rotated,taken-over-debt}.test.ts',
      // `npm run test:month`
      'test/machines/virtual-time.test.ts',
    ],
    globalSetup: ['test/support/postgres/test-postgres.ts'],
    // In this order: what is set up first is checked last, so leaks after the test databases were closed
    setupFiles: [
      'test/support/guards/closed-network.ts',
      'test/support/guards/leaked-handles.ts',
      'test/support/postgres/kept-databases.ts',
    ],
    sequence: { setupFiles: 'list', hooks: 'stack' },
    pool: 'forks',
    maxWorkers: '100%', // by default one core is left idle; these tests mostly wait for PostgreSQL
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
