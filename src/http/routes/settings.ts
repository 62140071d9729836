import { Type } from 'typebox';
import { Settings } from '../../config/settings.ts';
import { WEBHOOK_EVENTS } from '../../config/webhook-events.ts';
import { changeSettings } from '../../connection/commands/change-settings.ts';
import { connectionOf } from '../../connection/reads/connection-of.ts';
import { readSettings } from '../../connection/reads/read-settings.ts';
import type { App } from '../../web/app-type.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import type { HttpDeps } from '../http-deps.ts';
import { keyOf } from '../plugins/api-key.ts';
import { waitSeconds } from '../prefer.ts';
import { Connection, failures } from '../schemas.ts';

const EVENTS = Object.keys(WEBHOOK_EVENTS);
const { POLLING_MINUTES, BACKFILL_PAST_DAYS, BACKFILL_HOURS } = Settings.properties;
/** The bounds of the deployment's own setting. */
const within = (setting: object) => {
  const { minimum, maximum } = setting as { minimum: number; maximum: number };
  return Type.Integer({ minimum, maximum });
};

const scope = Type.Enum(['user', 'organization']);
const events = Type.Array(Type.Enum(EVENTS), { minItems: 1, maxItems: EVENTS.length });
const effective = {
  webhookScope: scope,
  webhookEvents: events,
  pollingMinutes: within(POLLING_MINUTES),
  backfillPastDays: within(BACKFILL_PAST_DAYS),
  backfillHours: within(BACKFILL_HOURS),
};
const own = {
  webhookScope: Type.Union([effective.webhookScope, Type.Null()]),
  webhookEvents: Type.Union([effective.webhookEvents, Type.Null()]),
  pollingMinutes: Type.Union([effective.pollingMinutes, Type.Null()]),
  backfillPastDays: Type.Union([effective.backfillPastDays, Type.Null()]),
  backfillHours: Type.Union([effective.backfillHours, Type.Null()]),
};
const Body = Type.Partial(Type.Object(own), { additionalProperties: false });
const Answer = Type.Object(
  { settings: Type.Object(own), effective: Type.Object(effective) },
  { title: 'TenantSettings' },
);
const ChangedAnswer = Type.Object({ ...Answer.properties, connection: Connection }, { title: 'ChangedTenantSettings' });

/** Settings of one tenant. What is null or left out is as the deployment has it. */
export function settingsRoutes(app: App, deps: HttpDeps): void {
  app.get(
    '/v1/tenants/:tenantId/settings',
    {
      schema: {
        operationId: 'getSettings',
        tags: ['Operation'],
        summary: "The tenant's settings",
        params: TenantParams,
        response: { 200: Answer, ...failures },
      },
    },
    (request) => readSettings(deps, request.params.tenantId),
  );
  app.put(
    '/v1/tenants/:tenantId/settings',
    {
      schema: {
        operationId: 'replaceSettings',
        tags: ['Operation'],
        summary: "Replace the tenant's settings. Other webhook settings lead to a new webhook",
        params: TenantParams,
        body: Body,
        response: { 200: ChangedAnswer, 202: ChangedAnswer, ...failures },
      },
    },
    async (request, reply) => {
      const { tenantId } = request.params;
      const { webhookEvents = null, ...given } = request.body;
      const { settled } = await changeSettings(deps, {
        tenantId,
        settings: {
          webhookScope: given.webhookScope ?? null,
          // In the order of the catalogue: the same events in another order are the same settings.
          webhookEvents: webhookEvents && EVENTS.filter((event) => webhookEvents.includes(event)),
          pollingMinutes: given.pollingMinutes ?? null,
          backfillPastDays: given.backfillPastDays ?? null,
          backfillHours: given.backfillHours ?? null,
        },
        waitSeconds: waitSeconds(request.headers.prefer),
        cause: { kind: 'route', route: 'settings', key: keyOf(request).name },
      });
      if (!settled) reply.code(202).header('retry-after', '1');
      return { ...(await readSettings(deps, tenantId)), connection: await connectionOf(deps, tenantId) };
    },
  );
}
