import { Type } from 'typebox';
import { operateGroup } from '../../connection/commands/operate-group.ts';
import { diagnoseAll } from '../../connection/reads/diagnose-all.ts';
import type { App } from '../../web/app-type.ts';
import type { InspectorDeps } from '../inspector-deps.ts';
import { diagnosesPage, GROUP_COMMANDS, type GroupProgress } from '../pages/diagnoses-page.ts';
import type { PageContext } from '../pages/page-context.ts';
import { sendInspectorPage } from '../pages/send-inspector-page.ts';
import { contextOf } from '../request-session.ts';

const Code = Type.String({ pattern: '^[a-z_]{1,60}$' });
const Count = Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 });
/** How many names a page shows. */
const NAMED = { overview: 20, ofOneCode: 500 };
const Form = Type.Object(
  {
    formToken: Type.String(),
    code: Code,
    headline: Type.String({ maxLength: 500 }),
    command: Type.Enum([...GROUP_COMMANDS]),
    after: Type.String({ maxLength: 128, default: '' }),
    accepted: Count,
    refused: Count,
  },
  { additionalProperties: true },
);

/** Tenants by diagnosis. A command goes to a whole group, a part at a time. */
export function diagnosesRoute(app: App, deps: InspectorDeps): void {
  const page = async (context: PageContext, code: string | undefined, progress: GroupProgress | null) => ({
    title: 'What is wrong',
    live: `${context.base}/live`,
    body: diagnosesPage(
      context,
      await diagnoseAll(deps.db, context, { code, named: code === undefined ? NAMED.overview : NAMED.ofOneCode }),
      { code, progress },
    ),
  });

  app.get(
    '/inspector/diagnoses',
    { schema: { hide: true, querystring: Type.Object({ code: Type.Optional(Code) }) } },
    async (request, reply) => {
      const context = contextOf(request);
      return sendInspectorPage(reply, context, await page(context, request.query.code, null));
    },
  );

  app.post('/inspector/diagnoses', { schema: { hide: true, body: Form } }, async (request, reply) => {
    const context = contextOf(request);
    const { code, headline, command, after, accepted, refused } = request.body;
    const cause = { kind: 'operator', name: context.session.operator, route: `${command}, group` } as const;
    const step = await operateGroup(deps, { code, headline, command, after, cause });
    const progress: GroupProgress = {
      code,
      headline,
      command,
      accepted: accepted + step.accepted,
      refused: refused + step.refused,
      left: step.next?.left ?? 0,
      after: step.next?.after ?? '',
    };
    return sendInspectorPage(reply, context, await page(context, undefined, progress));
  });
}
