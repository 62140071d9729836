const MIB = 1024 * 1024;
/** A thousand exchanges with full answers have about 5 MiB. */
const MOST_TEXT = 12 * MIB;
const MOST_SHOWN = 24 * MIB;
/** Calendly's answers are 6 deep, and a bundle puts 4 around them. */
const MOST_DEPTH = 40;

/** `&quot;` for one character. */
const ESCAPED = 5;
const [QUOTE, APOSTROPHE, AMPERSAND, LESS] = [0x22, 0x27, 0x26, 0x3c];
const [BACKSLASH, BRACE, BRACKET, COMMA] = [0x5c, 0x7b, 0x5b, 0x2c];

/**
 * Says why a text is not opened although it may be a bundle; null if it may be opened. Before the text is parsed, this checks its size, how
 * deep it is nested, and how large it would be when it is indented and escaped for a page.
 */
export function tooMuchToShow(text: string): string | null {
  if (text.length > MOST_TEXT) return `This is larger than a bundle can be (${MOST_TEXT / MIB} MiB).`;
  let depth = 0;
  let shown = 0;
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    shown += 1;
    if (character === QUOTE || character === APOSTROPHE || character === AMPERSAND || character === LESS)
      shown += ESCAPED;
    if (inText) {
      if (character === BACKSLASH) {
        at += 1;
        shown += ESCAPED + 1;
      } else if (character === QUOTE) inText = false;
    } else if (character === QUOTE) inText = true;
    else if (character === BRACE || character === BRACKET) {
      depth += 1;
      if (depth > MOST_DEPTH) return `This is nested deeper than a bundle is (${MOST_DEPTH} levels).`;
      shown += 2 * depth;
    } else if (character === BRACE + 2 || character === BRACKET + 2) depth -= 1;
    else if (character === COMMA) shown += 2 * depth;
    if (shown > MOST_SHOWN) return 'This would be a page that no browser opens: it has too much in it.';
  }
  return null;
}
