import type { Stage } from '../world/cast-of-tenants.ts';
import { API_KEY, startTestService, type TestService } from './start-test-service.ts';

export type InspectedService = TestService & { stage: Stage };

/** A service for looking at: the sandbox names accounts after tenants (see `connectTenant` of the cast). */
export async function startInspected(options: Parameters<typeof startTestService>[0] = {}): Promise<InspectedService> {
  const running = await startTestService(options);
  return { ...running, stage: { url: running.url, apiKey: API_KEY, sandbox: running.sandbox } };
}
