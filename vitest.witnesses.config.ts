import { defineConfig } from 'vitest/config';
import common from './vitest.config.ts';

/** `npm run test:witnesses`: every answer of the sandbox, in each of its tests, against Calendly's own OpenAPI documents. */
export default defineConfig({
  ...common,
  test: {
    ...common.test,
    include: ['test/sandbox/**/*.test.ts', 'test/witnesses/**/*.test.ts'],
    exclude: [],
    globalSetup: ['test/witnesses/whole-run.ts'],
    setupFiles: ['test/support/closed-network.ts', 'test/support/leaked-handles.ts', 'test/witnesses/listen-to-answers.ts'],
    retry: 0,
  },
});
