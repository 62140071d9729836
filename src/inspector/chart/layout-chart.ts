import { instance } from '@viz-js/viz';
import { everywhere, holdsEverywhere, type Everywhere } from './everywhere.ts';
import type { Chart, ChartState } from './read-chart.ts';

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
export type PlacedState = ChartState & Box;
/** Where the one arrow begins that stands for one from nearly every state. */
export type PlacedOrigin = Everywhere & Box;
/** All transitions between two states are one arrow. Its source is empty where they hold nearly everywhere. */
export interface Arrow {
  source: string;
  target: string;
  /** The line as SVG path data, and the arrow's tip. */
  line: string;
  tip: { x: number; y: number; angle: number };
}
export interface ChartLayout {
  width: number;
  height: number;
  states: PlacedState[];
  origins: PlacedOrigin[];
  arrows: Arrow[];
}

const POINTS_PER_INCH = 72;
const CHARACTER_WIDTH = 6.7;
const STATE_HEIGHT = 24;
const ORIGIN_CHARACTER_WIDTH = 5.6;
const ORIGIN_HEIGHT = 16;

/**
 * Where states and arrows go, by Graphviz's `dot` (compiled to WebAssembly, run here on the server: about 50 ms, once).
 * Transitions that nearly every state has (`disconnect`, say) are one short arrow beside their target.
 */
export async function layoutChart(chart: Chart): Promise<ChartLayout> {
  const viz = await instance();
  const common = everywhere(chart);
  const drawn = viz.renderJSON(describe(chart, common)) as { bb: string; objects: Placed[]; edges: Placed[] };
  const [, , width, height] = numbers(drawn.bb) as [number, number, number, number];
  const flip = (y: number) => round(height - y);
  const placed = new Map(drawn.objects.map((object) => [object.id, object]));
  const states = chart.states.map((state) => ({ ...state, ...boxOf(placed.get(state.path)!, flip) }));
  const origins = common.map((each) => ({ ...each, ...boxOf(placed.get(originOf(each))!, flip) }));
  const arrows = drawn.edges.map((edge) => ({
    ...(JSON.parse(edge.id) as { source: string; target: string }),
    ...curveOf(edge.pos!, flip),
  }));
  return { width, height, states, origins, arrows };
}

interface Placed {
  id: string;
  name?: string;
  bb?: string;
  pos?: string;
  width?: string;
  height?: string;
}

const originOf = ({ target }: Everywhere): string => `everywhere ${target}`;

function describe(chart: Chart, common: Everywhere[]) {
  const leaves = chart.states.filter((state) => !state.compound);
  const node = (state: ChartState) => ({
    name: state.path,
    attributes: {
      id: state.path,
      shape: 'box',
      fixedsize: true,
      height: STATE_HEIGHT / POINTS_PER_INCH,
      width: (state.name.length * CHARACTER_WIDTH + 22) / POINTS_PER_INCH,
    },
  });
  return {
    graphAttributes: {
      rankdir: 'TB',
      compound: true,
      nodesep: 0.22,
      ranksep: 0.42,
      newrank: false,
      splines: 'spline',
      remincross: true,
    },
    nodes: [
      ...leaves.filter((state) => state.parent === null).map(node),
      ...common.map((each) => ({
        name: originOf(each),
        attributes: {
          id: originOf(each),
          shape: 'box',
          fixedsize: true,
          height: ORIGIN_HEIGHT / POINTS_PER_INCH,
          width: (each.events.join(', ').length * ORIGIN_CHARACTER_WIDTH + 16) / POINTS_PER_INCH,
        },
      })),
    ],
    subgraphs: chart.states
      .filter((state) => state.compound)
      .map((parent) => ({
        name: `cluster_${parent.path}`,
        graphAttributes: { id: parent.path, label: parent.name, margin: 12, fontsize: 13 },
        nodes: leaves.filter((state) => state.parent === parent.path).map(node),
      })),
    edges: [
      ...common.map((each) => edgeOf(chart, originOf(each), { source: '', target: each.target })),
      ...arrowsOf(chart, common).map((arrow) => edgeOf(chart, leafOf(chart, arrow.source), arrow)),
    ],
  };
}

function edgeOf(chart: Chart, tail: string, { source, target }: Pick<Arrow, 'source' | 'target'>) {
  const head = leafOf(chart, target);
  return {
    tail,
    head,
    attributes: {
      id: JSON.stringify({ source, target }),
      ...(source === '' || tail === source ? {} : { ltail: `cluster_${source}` }),
      ...(head === target ? {} : { lhead: `cluster_${target}` }),
    },
  };
}

/** One arrow per pair; where all states of a group lead to the same place, one arrow from the group. */
function arrowsOf({ states, transitions }: Chart, common: Everywhere[]): { source: string; target: string }[] {
  const pairs = new Map<string, { source: string; target: string }>();
  for (const { source, target, event } of transitions) {
    if (source === '' || target === null || source === target || holdsEverywhere(common, target, event)) continue;
    pairs.set(`${source} ${target}`, { source, target });
  }
  for (const group of states.filter((state) => state.compound)) {
    const members = states.filter((state) => state.parent === group.path && !state.passing);
    for (const { path: target } of states) {
      if (target.startsWith(`${group.path}.`) || !members.every((member) => pairs.has(`${member.path} ${target}`)))
        continue;
      for (const member of members) pairs.delete(`${member.path} ${target}`);
      pairs.set(`${group.path} ${target}`, { source: group.path, target });
    }
  }
  return [...pairs.values()];
}

/** Graphviz draws from state to state, and cuts the line at the border of the group. */
function leafOf({ states }: Chart, path: string): string {
  const inside = states.filter((state) => state.parent === path);
  return inside.length === 0 ? path : inside[Math.floor((inside.length - 1) / 2)]!.path;
}

function boxOf({ bb, pos, width, height }: Placed, flip: (y: number) => number): Box {
  if (bb !== undefined) {
    const [left, bottom, right, top] = numbers(bb) as [number, number, number, number];
    return { x: round(left), y: flip(top), width: round(right - left), height: round(top - bottom) };
  }
  const [x, y] = numbers(pos!) as [number, number];
  const size = { width: Number(width) * POINTS_PER_INCH, height: Number(height) * POINTS_PER_INCH };
  return {
    x: round(x - size.width / 2),
    y: round(flip(y) - size.height / 2),
    width: round(size.width),
    height: round(size.height),
  };
}

/** `e,x,y x,y x,y …`: the tip, then a start and Bézier points in threes. */
function curveOf(pos: string, flip: (y: number) => number): Pick<Arrow, 'line' | 'tip'> {
  const [end, ...points] = pos
    .split(' ')
    .map((part) => numbers(part.replace(/^[es],/, '')))
    .map(([x, y]) => ({ x: round(x!), y: flip(y!) }));
  const [start, ...rest] = points;
  const last = points.at(-1)!;
  return {
    line: `M${start!.x} ${start!.y}C${rest.map(({ x, y }) => `${x} ${y}`).join(' ')}`,
    tip: { ...end!, angle: Math.round((Math.atan2(end!.y - last.y, end!.x - last.x) * 180) / Math.PI) },
  };
}

const numbers = (text: string): number[] => text.split(',').map(Number);
const round = (value: number): number => Math.round(value * 10) / 10;
