/** Markup that is safe to send. Only the `html` tag can make it, and it escapes every value. */
export type Html = EscapedMarkup;
class EscapedMarkup {
  readonly #escaped = true;
  readonly text: string;

  constructor(text: string) {
    void this.#escaped;
    this.text = text;
  }
}

type Value = Html | string | number | null | undefined | false | readonly Value[];

export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return new EscapedMarkup(parts.reduce((text, part, at) => text + render(values[at - 1]) + part));
}

function render(value: Value): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof EscapedMarkup) return value.text;
  if (typeof value === 'object') return value.map(render).join('');
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
