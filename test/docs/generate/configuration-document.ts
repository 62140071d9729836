import { Settings, type SettingName } from '../../../src/config/settings.ts';

/** The setting that each heading comes before; a new setting belongs to the heading above it. */
const HEADINGS: Partial<Record<SettingName, string>> = {
  MODE: 'The service',
  CALENDLY_CLIENT_ID: 'Calendly',
  ENCRYPTION_KEYS: 'Secrets and access',
  LOG_LEVEL: 'Logs, retention and timing',
};

const INTRODUCTION = `# Configuration

Generated from \`src/config/settings.ts\` by \`npm run generate:docs\`; do not edit.

Everything is an environment variable. They are read once, at the start, and every fault is reported at once; the exit code
is 78 then. A variable that is blank counts as unset. What is marked 🔒 is a secret: it is never printed, and it can also be given
as \`NAME_FILE\`, the path of a file that holds it (\`CALENDLY_CLIENT_SECRET_FILE=/run/secrets/calendly\`). A file that is named but
missing or empty is a fault. Keys and passwords that can be guessed (few different characters, one piece repeated, well-known words)
are refused.

**Without any secret, and without an address that others reach,** the built-in Calendly sandbox is started and used, and its secrets are
generated once and kept in \`.data/secrets.json\`. **With \`CALENDLY_CLIENT_ID\` and \`CALENDLY_CLIENT_SECRET\`**, \`PUBLIC_URL\`,
\`ENCRYPTION_KEYS\`, \`API_KEYS\` and \`INSPECTOR_PASSWORD\` are required, and the service does not start without them. **In between**,
a database or a key but no client, say, the service refuses to start: the sandbox has a page without a login, and a secret that got
lost must not lead to it. \`MODE=sandbox\` says that the sandbox is meant. A key can be made with

\`\`\`sh
echo "k1:$(openssl rand -base64 32)"
\`\`\`

For what changes when a setting is changed later (keys, \`PUBLIC_URL\`, the client id), see [operations.md](operations.md).
`;

interface Schema {
  description?: string;
  default?: string | number | boolean;
  minimum?: number;
  maximum?: number;
  unit?: string;
  secret?: boolean;
  enum?: string[];
}

/** \`docs/configuration.md\`: every setting in the order of the schema, with its limits and default. */
export function configurationDocument(): string {
  const sections = Object.entries(Settings.properties).map(([name, schema]) => {
    const heading = HEADINGS[name as SettingName];
    return `${heading === undefined ? '' : `\n## ${heading}\n\n| variable | default | values | meaning |\n|---|---|---|---|\n`}${row(name, schema as Schema)}`;
  });
  return `${INTRODUCTION}${sections.join('')}`;
}

function row(name: string, schema: Schema): string {
  const fallback = schema.default === undefined ? '–' : `\`${schema.default}\``;
  return `| \`${name}\`${schema.secret ? ' 🔒' : ''} | ${fallback} | ${values(schema)} | ${(schema.description ?? '').replaceAll('|', '\\|')} |\n`;
}

function values({ enum: allowed, minimum, maximum, unit }: Schema): string {
  if (allowed !== undefined) return allowed.map((value) => `\`${value}\``).join(', ');
  if (minimum === undefined || maximum === undefined) return 'text';
  return `${minimum}–${maximum}${unit === undefined ? '' : ` ${unit}`}`;
}
