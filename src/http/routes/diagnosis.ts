import { Type } from 'typebox';
import { diagnoseAll } from '../../connection/reads/diagnose-all.ts';
import { diagnoseTenant } from '../../connection/reads/diagnose-tenant.ts';
import type { App } from '../../web/app-type.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import type { HttpDeps } from '../http-deps.ts';
import { failures, nullableText, nullableTime, text, time } from '../schemas.ts';

const verdict = Type.Enum(['well', 'degraded', 'not_receiving', 'disconnected']);
const next = Type.Object({
  who: Type.Enum(['nobody', 'customer', 'operator', 'calendly']),
  action: text,
  command: Type.Optional(Type.Enum(['connect', 'disconnect', 'refresh', 'resync', 'retry', 'resend'])),
});
const group = { code: text, verdict, headline: text, since: time, next };
const finding = {
  ...group,
  evidence: Type.Array(Type.Object({ kind: text, at: nullableTime, ref: nullableText, says: text })),
};
const Diagnosis = Type.Object({ ...finding, at: time, also: Type.Array(Type.Object(finding)) }, { title: 'Diagnosis' });
const Diagnoses = Type.Object(
  {
    at: time,
    tenants: Type.Integer(),
    suspects: Type.Integer(),
    complete: Type.Boolean(),
    groups: Type.Array(Type.Object({ ...group, tenants: Type.Integer(), tenantIds: Type.Array(text) })),
  },
  { title: 'Diagnoses' },
);
const Query = Type.Object(
  { code: Type.Optional(Type.String({ pattern: '^[a-z_]{1,60}$' })) },
  { additionalProperties: false },
);

/** What is wrong with a tenant, and what to do about it. */
export function diagnosisRoutes(app: App, deps: HttpDeps): void {
  const asking = () => ({ now: deps.now(), mayAct: deps.mayAct() });
  app.get(
    '/v1/tenants/:tenantId/diagnosis',
    {
      schema: {
        operationId: 'getDiagnosis',
        tags: ['Diagnosis'],
        summary: 'Why this tenant gets no meetings, and what to do',
        params: TenantParams,
        response: { 200: Diagnosis, ...failures },
      },
    },
    ({ params }) => diagnoseTenant(deps.db, params.tenantId, asking()),
  );
  app.get(
    '/v1/diagnosis',
    {
      schema: {
        operationId: 'listDiagnoses',
        tags: ['Diagnosis'],
        summary: 'All tenants with a problem, grouped by diagnosis, the worst first',
        querystring: Query,
        response: { 200: Diagnoses, ...failures },
      },
    },
    ({ query }) => diagnoseAll(deps.db, asking(), query),
  );
}
