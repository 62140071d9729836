import { html, type Html } from '../../html/html.ts';
import { ancestorsOf, openTransitions } from './open-transitions.ts';
import { layoutChart, type Arrow, type ChartLayout, type PlacedState } from './layout-chart.ts';
import { readChart, type Chart } from './read-chart.ts';

const MARGIN = 6;

export interface DrawnChart {
  chart: Chart;
  /** The chart with one state lit, and the way that led there. Every arrow names the states that it is open from, so that the script can light another. */
  draw(state: string | null, from: string | null): Html;
}

let drawn: Promise<DrawnChart> | undefined;

/** Laid out once, when the first page needs it. */
export function drawnChart(): Promise<DrawnChart> {
  return (drawn ??= prepare());
}

async function prepare(): Promise<DrawnChart> {
  const chart = readChart();
  const layout = await layoutChart(chart);
  const openFrom = new Map(layout.arrows.map((arrow) => [arrow, leavesFrom(chart, arrow)]));
  return { chart, draw: (state, from) => drawing(chart, layout, openFrom, { state, from }) };
}

/** An arrow from a group stands for one from each of its states. */
function leavesFrom(chart: Chart, arrow: Arrow): string[] {
  return chart.states
    .filter((state) => !state.compound && ancestorsOf(state.path).includes(arrow.source))
    .filter((state) => openTransitions(chart, state.path).some((open) => open.target === arrow.target))
    .map((state) => state.path);
}

interface Way {
  state: string | null;
  /** The state that led there. */
  from: string | null;
}

function drawing(
  chart: Chart,
  { width, height, states, arrows }: ChartLayout,
  openFrom: Map<Arrow, string[]>,
  way: Way,
): Html {
  const { state } = way;
  const taken = wayTaken(chart, arrows, openFrom, way);
  const lit = new Set(state === null ? [] : ancestorsOf(state));
  return html`<svg class="chart" viewBox="${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}" role="img"
 aria-label="Statechart${state !== null && `, in state ${state}`}" data-state="${state}">
${states.filter((each) => each.compound).map((each) => box(each, lit))}
${arrows.map((arrow) => drawArrow(chart, arrow, openFrom.get(arrow)!, { state, taken: taken.includes(arrow) }))}
${states.filter((each) => !each.compound).map((each) => box(each, lit))}</svg>`;
}

/** The arrow of the last transition, or two arrows if it led through a state that is left at once. */
function wayTaken(chart: Chart, arrows: Arrow[], openFrom: Map<Arrow, string[]>, { state, from }: Way): Arrow[] {
  if (from === null || state === null || from === state) return [];
  const leaving = arrows.filter((arrow) => openFrom.get(arrow)!.includes(from));
  const direct = leaving.filter(({ target }) => target === state);
  if (direct.length > 0) return direct;
  const atOnce = (path: string) =>
    arrows.find((arrow) => arrow.target === state && openFrom.get(arrow)!.includes(path) && isAtOnce(chart, path));
  return leaving.flatMap((arrow) => {
    const second = atOnce(arrow.target);
    return second === undefined ? [] : [arrow, second];
  });
}

const isAtOnce = ({ transitions }: Chart, path: string): boolean =>
  transitions.some(({ source, event }) => source === path && event === 'always');

function box({ path, name, x, y, width, height, compound, passing }: PlacedState, lit: Set<string>): Html {
  const kind = `${compound ? 'group' : 'state'}${passing ? ' passing' : ''}${lit.has(path) ? ' lit' : ''} s-${path.split('.')[0]!}`;
  return html`<g class="${kind}" data-path="${path}"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${compound ? 8 : 5}"/>
<text x="${x + width / 2}" y="${compound ? y + 16 : y + height / 2 + 4}">${name}</text></g>`;
}

function drawArrow(
  { transitions }: Chart,
  arrow: Arrow,
  openFrom: string[],
  { state, taken }: { state: string | null; taken: boolean },
): Html {
  const events = [
    ...new Set(
      transitions
        .filter((each) => each.target === arrow.target && ancestorsOf(each.source).includes(arrow.source))
        .map((each) => each.event),
    ),
  ];
  const { x, y, angle } = arrow.tip;
  const open = state !== null && openFrom.includes(state);
  return html`<g class="arrow${open && ' open'}${taken && ' taken'}" data-from="${openFrom.join(' ')}" data-target="${arrow.target}"${events.includes('always') && html` data-always="true"`}>
<title>${arrow.source} → ${arrow.target}: ${events.join(', ')}</title><path class="near" d="${arrow.line}"/><path d="${arrow.line}"/><path class="tip" transform="translate(${x} ${y})rotate(${angle})" d="M0 0l-8-3.5v7z"/></g>`;
}
