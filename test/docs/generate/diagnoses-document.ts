import { TOPICS, WELL } from '../../../src/diagnosis/topics.ts';

const HEADER = `# Diagnoses

Why does this tenant not get their meetings? \`GET /v1/tenants/{tenantId}/diagnosis\` answers in one sentence, from stored facts alone: no call to Calendly
is made. \`GET /v1/diagnosis\` groups all tenants of whom something is to be said. A tenant's page in the
inspector begins with it, *What is wrong* there shows the groups and acts on one as a whole, a bundle holds it, and \`npm run inspect\` prints it first.

\`verdict\`: **well**, meetings arrive · **degraded**, they arrive late or in part, or something else is wrong · **not_receiving**, they do not arrive ·
**disconnected**, they are not asked for. \`next\` says who acts and how; \`command\` is the button for it. Where several hold, the one that
explains more comes first, as in this table, and the others are in \`also\`. \`since\` is when it began, however often it was tried meanwhile.

Generated from \`src/diagnosis/rules\` by \`npm run generate:docs\`; do not edit. Branch on the code, which is stable.

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
