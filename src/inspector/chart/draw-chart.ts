import { html, type Html } from '../../html/html.ts';
import { ancestorsOf, openTransitions } from './open-transitions.ts';
import { layoutChart, type Arrow, type ChartLayout, type PlacedState } from './layout-chart.ts';
import { readChart, type Chart } from './read-chart.ts';

const MARGIN = 6;

export interface DrawnChart {
  chart: Chart;
  /** The chart with one state lit. Every arrow names the states that it is open from, so that the script can light another. */
  draw(state: string | null): Html;
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
  return { chart, draw: (state) => drawing(chart, layout, openFrom, state) };
}

/** An arrow from a group stands for one from each of its states. */
function leavesFrom(chart: Chart, arrow: Arrow): string[] {
  return chart.states
    .filter((state) => !state.compound && ancestorsOf(state.path).includes(arrow.source))
    .filter((state) => openTransitions(chart, state.path).some((open) => open.target === arrow.target))
    .map((state) => state.path);
}

function drawing(
  chart: Chart,
  { width, height, states, arrows }: ChartLayout,
  openFrom: Map<Arrow, string[]>,
  state: string | null,
): Html {
  const lit = new Set(state === null ? [] : ancestorsOf(state));
  return html`<svg class="chart" viewBox="${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}" role="img"
 aria-label="Statechart${state !== null && `, in state ${state}`}" data-state="${state}">
${states.filter((each) => each.compound).map((each) => box(each, lit))}
${arrows.map((arrow) => drawArrow(chart, arrow, openFrom.get(arrow)!, state))}
${states.filter((each) => !each.compound).map((each) => box(each, lit))}</svg>`;
}

function box({ path, name, x, y, width, height, compound, passing }: PlacedState, lit: Set<string>): Html {
  const kind = `${compound ? 'group' : 'state'}${passing ? ' passing' : ''}${lit.has(path) ? ' lit' : ''} s-${path.split('.')[0]!}`;
  return html`<g class="${kind}" data-path="${path}"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${compound ? 8 : 5}"/>
<text x="${x + width / 2}" y="${compound ? y + 16 : y + height / 2 + 4}">${name}</text></g>`;
}

function drawArrow({ transitions }: Chart, arrow: Arrow, openFrom: string[], state: string | null): Html {
  const events = [
    ...new Set(
      transitions
        .filter((each) => each.target === arrow.target && ancestorsOf(each.source).includes(arrow.source))
        .map((each) => each.event),
    ),
  ];
  const { x, y, angle } = arrow.tip;
  return html`<g class="arrow${state !== null && openFrom.includes(state) && ' open'}" data-from="${openFrom.join(' ')}" data-target="${arrow.target}">
<title>${arrow.source} → ${arrow.target}: ${events.join(', ')}</title><path d="${arrow.line}"/><path class="tip" transform="translate(${x} ${y})rotate(${angle})" d="M0 0l-8-3.5v7z"/></g>`;
}
