import { html } from '../../src/html/html.ts';
import type { Figure } from './figure.ts';

const WIDTH = 960;
const LABELS = 430;
const ROW = 22;
const HEAD = 34;
const LONGEST = WIDTH - LABELS - 190;

/** A picture of figures: a bar for each, as long as it does per second; those of one suite share a scale, and a baseline is grey. */
export function drawFigures(figures: readonly Figure[]): string {
  const suites = [...new Set(figures.map(({ suite }) => suite))];
  let y = 0;
  const parts = suites.map((suite) => {
    const rows = figures.filter((figure) => figure.suite === suite);
    const most = Math.max(...rows.map(({ perSecond }) => perSecond.median));
    y += HEAD;
    const head = html`<text x="0" y="${y - 8}" class="suite">${suite}</text>`;
    const bars = rows.map(({ what, perSecond, ratio }) => {
      const length = (perSecond.median / most) * LONGEST;
      const text = `${Math.round(perSecond.median)}/s${ratio === null ? '' : `, ${ratio.value.toFixed(2)}×`}`;
      const bar = html`<text x="${LABELS - 8}" y="${y + 15}" class="what">${cut(what)}</text>
<rect x="${LABELS}" y="${y + 3}" width="${length.toFixed(1)}" height="${ROW - 6}" class="${ratio === null ? 'baseline' : 'ours'}"/>
<text x="${(LABELS + length + 8).toFixed(1)}" y="${y + 15}">${text}</text>
`;
      y += ROW;
      return bar;
    });
    return html`${head}
${bars}`;
  });
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + 10}" viewBox="0 0 ${WIDTH} ${y + 10}" role="img" aria-label="Figures of the benchmark">
<style>text{font:13px system-ui,sans-serif;fill:#24303f}.suite{font-weight:600;font-size:15px}.what{text-anchor:end}.baseline{fill:#9aa7b5}.ours{fill:#0b5cad}</style>
<rect width="100%" height="100%" fill="#fff"/>
${parts}</svg>
`.text;
}

/** What fits beside the bars; the table has all of it. */
const cut = (text: string): string => (text.length > 62 ? `${text.slice(0, 61)}…` : text);
