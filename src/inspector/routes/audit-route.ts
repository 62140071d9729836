import { Type } from 'typebox';
import { listAudit } from '../../access/audit.ts';
import { ProblemError } from '../../errors.ts';
import { html } from '../../html/html.ts';
import { moment } from '../../html/times.ts';
import type { App } from '../../web/app-type.ts';
import type { InspectorDeps } from '../inspector-deps.ts';
import { sendInspectorPage } from '../pages/send-inspector-page.ts';
import { contextOf } from '../request-session.ts';

const LIMIT = 100;
const Query = Type.Object({ cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })) });

/** Who did what, newest first. */
export function auditPageRoute(app: App, { db }: InspectorDeps): void {
  app.get('/inspector/audit', { schema: { hide: true, querystring: Query } }, async (request, reply) => {
    const context = contextOf(request);
    if (!context.session.seesAudit)
      throw new ProblemError('scope_missing', 'The key of this session lacks the scope admin.');
    const { items, nextCursor } = await listAudit(db, { limit: LIMIT, cursor: request.query.cursor });
    const rows = items.map(
      ({ at, actor, action, outcome, tenantId, address, reason }) =>
        html`<tr><td>${moment(at)}</td><td>${actor.kind}</td><td>${actor.name}</td><td>${action}</td><td>${outcome} ${reason}</td><td>${tenantId}</td><td>${address}</td></tr>`,
    );
    const body = html`<h1>Audit</h1><div class="scroll" tabindex="0"><table><thead><tr><th scope="col">when</th><th scope="col">as</th><th scope="col">who</th><th scope="col">what</th><th scope="col">outcome</th><th scope="col">tenant</th><th scope="col">from</th></tr></thead><tbody>${rows}</tbody></table></div>${rows.length === 0 && html`<p class="quiet">Nobody has done anything yet.</p>`}
${nextCursor !== null && html`<nav class="pages" aria-label="Older"><a rel="next" href="${context.base}/audit?cursor=${nextCursor}">Older</a></nav>`}`;
    return sendInspectorPage(reply, context, { title: 'Audit', body });
  });
}
