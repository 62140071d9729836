import { Settings, type SettingName } from '../../../src/config/settings.ts';

/** The setting that each heading comes before; a new setting belongs to the heading above it. */
const HEADINGS: Partial<Record<SettingName, string>> = {
  MODE: 'The service',
  CALENDLY_CLIENT_ID: 'Calendly',
  ENCRYPTION_KEYS: 'Secrets and access',
  LOG_LEVEL: 'Logs, retention and timing',
};

const INTRODUCTION = `# Which settings are there?

Generated from \`src/config/settings.ts\` by \`npm run generate:docs\`; do not edit.

Each setting is an environment variable. The service reads all of them once, when it starts. If some are wrong, it lists all faults at once and exits with code 78.

- A variable without a value counts as unset.
- 🔒 marks a secret. The service never prints it. You can also set \`NAME_FILE\` to the path of a file with the value (\`CALENDLY_CLIENT_SECRET_FILE=/run/secrets/calendly\`). A file that
  is missing or empty is a fault.
- Keys and passwords that are easy to guess are refused: few different characters, one piece repeated, or well-known words.

**Which Calendly does the service use?**

- **The sandbox**, if no secret is set and no address that others can reach. The service generates the sandbox's secrets once and stores them in \`.data/secrets.json\`.
- **The real Calendly**, if \`CALENDLY_CLIENT_ID\` or \`CALENDLY_CLIENT_SECRET\` is set. Then both are required, and so are \`PUBLIC_URL\`, \`ENCRYPTION_KEYS\`, \`API_KEYS\` and \`INSPECTOR_PASSWORD\`.
- In any other case, for example with a database but without a client id, the service does not start. The sandbox has a page without a login, so a lost secret must not start it. Set
  \`MODE=sandbox\` if you want the sandbox.

Make a key with

\`\`\`sh
echo "k1:$(openssl rand -base64 32)"
\`\`\`

[operations.md](operations.md#changing-keys-and-passwords) says how to change keys, \`PUBLIC_URL\` or the client id later.
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
