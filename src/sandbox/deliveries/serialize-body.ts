import type { Switches } from '../switches.ts';

/** Compact JSON, as recorded. It is not known whether Calendly escapes more than JSON requires, so this is a switch. */
export function serializeBody(envelope: object, escaping: Switches['bodyEscaping']): string {
  const body = JSON.stringify(envelope);
  if (escaping === 'none') return body;
  // As Rails does it: characters that could end a script element, and the two line separators.
  const html = body.replace(/[<>&\u2028\u2029]/g, escapeUnit);
  return escaping === 'html' ? html : html.replace(/[\u0080-\uffff]/g, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
