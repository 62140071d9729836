import { Value } from 'typebox/value';
import type { ConfigurationFault } from './configuration-error.ts';
import { Settings, type SettingName } from './settings.ts';

/**
 * Takes the known variables out of the environment, fills in the defaults and checks each one alone. A blank variable counts as unset,
 * because that is how people switch off a line of an env file. A setting with a fault gets its default, so that the other settings can be
 * checked in the same run.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): {
  settings: Settings;
  faults: ConfigurationFault[];
} {
  const given: Partial<Record<SettingName, unknown>> = {};
  for (const [name, schema] of Object.entries(Settings.properties)) {
    const value = env[name]?.trim() ?? '';
    if (value === '') continue;
    const isWhole = 'type' in schema && schema.type === 'integer' && /^\d{1,15}$/.test(value);
    given[name as SettingName] = isWhole ? Number(value) : value;
  }

  const faults = Value.Errors(Settings, Value.Default(Settings, { ...given })).map((error) => ({
    variable: error.instancePath.slice(1),
    problem: describe(error),
  }));
  for (const { variable } of faults) delete given[variable as SettingName];
  return { settings: Value.Default(Settings, given) as Settings, faults };
}

function describe(error: { keyword: string; message: string; params: object }): string {
  if (error.keyword === 'type') return 'must be a whole number';
  if (error.keyword === 'enum' && 'allowedValues' in error.params) {
    return `must be one of ${(error.params.allowedValues as string[]).join(', ')}`;
  }
  return error.message;
}
