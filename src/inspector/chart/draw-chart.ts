import { html, type Html } from '../../html/html.ts';
import { ancestorsOf, openTransitions } from './open-transitions.ts';
import { holdsEverywhere } from './everywhere.ts';
import { layoutChart, type Arrow, type ChartLayout, type PlacedOrigin, type PlacedState } from './layout-chart.ts';
import { readChart, type Chart, type ChartTransition } from './read-chart.ts';

const MARGIN = 6;

export interface DrawnChart {
  chart: Chart;
  /** The chart with one state lit, and the way that led there. Every arrow names the states that it is open from, so that the script can light another. */
  draw(state: string | null, led?: { from: string | null; event: string | null } | null): Html;
}

let drawn: Promise<DrawnChart> | undefined;

/** It is laid out once, when the first page needs it. */
export function drawnChart(): Promise<DrawnChart> {
  return (drawn ??= prepare());
}

async function prepare(): Promise<DrawnChart> {
  const chart = readChart();
  const layout = await layoutChart(chart);
  const arrows = layout.arrows.map((arrow) => waysOf(chart, layout, arrow));
  return { chart, draw: (state, led = null) => drawing(layout, arrows, { state, from: null, event: null, ...led }) };
}

interface DrawnArrow extends Arrow {
  /** An arrow from a group stands for one from each of its states. */
  openFrom: string[];
  events: string[];
}

function waysOf(chart: Chart, { origins }: ChartLayout, arrow: Arrow): DrawnArrow {
  if (arrow.source === '') {
    const { from, events } = origins.find(({ target }) => target === arrow.target)!;
    return { ...arrow, openFrom: from, events };
  }
  const isIts = ({ target, event }: ChartTransition) =>
    target === arrow.target && !holdsEverywhere(origins, target, event);
  const openFrom = chart.states
    .filter((state) => !state.compound && ancestorsOf(state.path).includes(arrow.source))
    .filter((state) => openTransitions(chart, state.path).some(isIts))
    .map((state) => state.path);
  const ways = chart.transitions.filter((way) => isIts(way) && ancestorsOf(way.source).includes(arrow.source));
  return { ...arrow, openFrom, events: [...new Set(ways.map(({ event }) => event))] };
}

interface Way {
  state: string | null;
  /** The state that led there, and by which event. */
  from: string | null;
  event: string | null;
}

function drawing({ width, height, states, origins }: ChartLayout, arrows: DrawnArrow[], way: Way): Html {
  const { state } = way;
  const taken = wayTaken(arrows, way);
  const lit = new Set(state === null ? [] : ancestorsOf(state));
  return html`<svg class="chart" viewBox="${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}" role="img"
 aria-label="Statechart${state !== null && `, in state ${state}`}" data-state="${state}">
${states.filter((each) => each.compound).map((each) => box(each, lit))}
${arrows.map((arrow) => drawArrow(arrow, { state, taken: taken.includes(arrow) }))}
${origins.map(drawOrigin)}
${states.filter((each) => !each.compound).map((each) => box(each, lit))}</svg>`;
}

/** The arrow of the last transition, or two arrows if it led through a state that is left at once. */
function wayTaken(arrows: DrawnArrow[], { state, from, event }: Way): DrawnArrow[] {
  if (from === null || state === null || from === state) return [];
  const leaving = arrows.filter(({ openFrom }) => openFrom.includes(from));
  const direct = leaving.filter(({ target }) => target === state || state.startsWith(`${target}.`));
  const byEvent = direct.filter(({ events }) => event !== null && events.includes(event));
  if (direct.length > 0) return byEvent.length > 0 ? byEvent : direct;
  const atOnce = (path: string) =>
    arrows.find(
      ({ target, openFrom, events }) => target === state && openFrom.includes(path) && events.includes('always'),
    );
  return leaving.flatMap((arrow) => {
    const second = atOnce(arrow.target);
    return second === undefined ? [] : [arrow, second];
  });
}

function box({ path, name, x, y, width, height, compound, passing }: PlacedState, lit: Set<string>): Html {
  const kind = `${compound ? 'group' : 'state'}${passing ? ' passing' : ''}${lit.has(path) ? ' lit' : ''} s-${path.split('.')[0]!}`;
  return html`<g class="${kind}" data-path="${path}"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${compound ? 8 : 5}"/>
<text x="${x + width / 2}" y="${compound ? y + 16 : y + height / 2 + 4}">${name}</text></g>`;
}

/** Where an arrow begins that holds nearly everywhere. */
function drawOrigin({ events, x, y, width, height }: PlacedOrigin): Html {
  return html`<g class="origin"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${height / 2}"/>
<text x="${x + width / 2}" y="${y + height / 2 + 3.5}">${events.join(', ')}</text></g>`;
}

function drawArrow(
  { source, target, events, openFrom, line, tip: { x, y, angle } }: DrawnArrow,
  { state, taken }: { state: string | null; taken: boolean },
): Html {
  const open = state !== null && openFrom.includes(state);
  return html`<g class="arrow${open && ' open'}${taken && ' taken'}" data-from="${openFrom.join(' ')}" data-target="${target}" data-events="${events.join(' ')}">
<title>${source === '' ? 'nearly everywhere' : source} → ${target}: ${events.join(', ')}</title><path class="near" d="${line}"/><path d="${line}"/><path class="tip" transform="translate(${x} ${y})rotate(${angle})" d="M0 0l-8-3.5v7z"/></g>`;
}
