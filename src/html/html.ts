const escaped = Symbol('escaped');

/** Markup in which every value is escaped. Only `html` can make it: the symbol is known to this file alone, so an object that looks alike does not fit. */
export interface Html {
  readonly [escaped]: true;
  readonly text: string;
}

class EscapedMarkup implements Html {
  readonly [escaped] = true;
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlValue = string | number | Html | readonly Html[] | null | undefined | false;

/** `false`, null and undefined become an empty text, so that `condition && html\`…\`` works. */
export function html(parts: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new EscapedMarkup(String.raw({ raw: parts }, ...values.map(textOf)));
}

const isList = (value: HtmlValue): value is readonly Html[] => Array.isArray(value);

function textOf(value: HtmlValue): string {
  if (value instanceof EscapedMarkup) return value.text;
  if (isList(value)) return value.map(textOf).join('');
  return typeof value === 'string' || typeof value === 'number' ? escape(String(value)) : '';
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
