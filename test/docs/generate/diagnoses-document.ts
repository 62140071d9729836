import { TOPICS, WELL } from '../../../src/diagnosis/topics.ts';

const HEADER = `# Why does this tenant get no meetings?

The diagnosis of a tenant answers in one sentence. It uses only stored facts and makes no call to Calendly.

| where | how |
|---|---|
| HTTP | \`GET /v1/tenants/{tenantId}/diagnosis\` for one tenant; \`GET /v1/diagnosis\` groups all tenants that have a problem |
| inspector | at the top of a tenant's page; *What is wrong* shows the groups, and can retry a whole group |
| terminal | \`npm run diagnose -- TENANT\`; without a tenant: all, by cause. \`npm run inspect -- TENANT\` shows it first |

\`verdict\` is one of:

- **well**: meetings arrive.
- **degraded**: meetings arrive late or only some of them, or something else is wrong.
- **not_receiving**: meetings do not arrive.
- **disconnected**: the tenant is not connected.

\`next\` says who has to act and how; \`command\` names the button for it. \`since\` says when the problem began; attempts in between do not change it. If several diagnoses hold,
the one that explains most comes first, in the order of this table. The others are in \`also\`. \`code\` never changes, so your code can test it.

Generated from \`src/diagnosis/rules\` by \`npm run generate:docs\`; do not edit.

| code | verdict | what it says | who | what to do | command |
|---|---|---|---|---|---|
`;

/** `docs/diagnoses.md`, made of the rules themselves. */
export function diagnosesDocument(): string {
  const rows = [...TOPICS.flat(), ...WELL].map(({ code, verdict, headline, next: { who, action, command } }) => {
    const says = headline.replaceAll(/\{(\w+)\}/g, '…');
    return `| \`${code}\` | ${verdict} | ${says} | ${who} | ${action} | ${command === undefined ? '–' : `\`${command}\``} |`;
  });
  return `${HEADER}${rows.join('\n')}\n`;
}
