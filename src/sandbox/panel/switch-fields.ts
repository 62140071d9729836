import { choicesOf } from '../check-switches.ts';
import { html, type Html } from '../pages/html.ts';
import { defaultSwitches, type Switches } from '../switches.ts';

type Name = keyof Switches;
const names = Object.keys(defaultSwitches) as Name[];

/**
 * One field for each switch: a list of choices if there are some, otherwise its value as JSON. Values other than the default are marked.
 */
export function switchFields(switches: Switches): Html[] {
  return names.map((name) => {
    const value = JSON.stringify(switches[name]);
    const shown =
      typeof switches[name] === 'string' && read(switches[name]) === switches[name] ? switches[name] : value;
    const isDefault = value === JSON.stringify(defaultSwitches[name]);
    const choices = choicesOf(name)?.map((choice) => JSON.stringify(choice));
    const field = choices
      ? html`<select id="switch-${name}" name="${name}">${choices.map((choice) => html`<option value="${choice}"${choice === value && html` selected`}>${plain(choice)}</option>`)}</select>`
      : html`<input type="text" id="switch-${name}" name="${name}" value="${shown}">`;
    return html`<div class="field"><label for="switch-${name}"><code>${name}</code>${!isDefault && html` <strong>changed</strong>`}</label>${field}</div>`;
  });
}

/** The values that were typed: JSON, or a word without quotes. */
export function switchesOf(fields: Record<string, string>): Record<string, unknown> {
  const given = names.filter((name) => fields[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, read(fields[name]!)]));
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function plain(json: string): string {
  const value: unknown = JSON.parse(json);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (value === null) return 'none';
  return typeof value === 'string' ? value : json;
}
