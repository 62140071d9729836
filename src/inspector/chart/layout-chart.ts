import { instance } from '@viz-js/viz';
import type { Chart, ChartState } from './read-chart.ts';

export interface PlacedState extends ChartState {
  x: number;
  y: number;
  width: number;
  height: number;
}
/** All transitions between two states are one arrow. */
export interface Arrow {
  source: string;
  target: string;
  /** SVG path data, and the arrow's tip. */
  line: string;
  tip: { x: number; y: number; angle: number };
}
export interface ChartLayout {
  width: number;
  height: number;
  states: PlacedState[];
  arrows: Arrow[];
}

const POINTS_PER_INCH = 72;
const CHARACTER_WIDTH = 6.7;
const STATE_HEIGHT = 24;

/**
 * Where states and arrows go, by Graphviz's `dot` (compiled to WebAssembly, run here on the server: about 50 ms, once).
 * Transitions that every state has (`disconnect`, say) are not drawn; they are in the list of
 * open transitions.
 */
export async function layoutChart(chart: Chart): Promise<ChartLayout> {
  const viz = await instance();
  const drawn = viz.renderJSON(describe(chart)) as { bb: string; objects: Placed[]; edges: Placed[] };
  const [, , width, height] = numbers(drawn.bb) as [number, number, number, number];
  const flip = (y: number) => round(height - y);
  const placed = new Map(drawn.objects.map((object) => [object.id, object]));
  const states = chart.states.map((state) => ({ ...state, ...boxOf(placed.get(state.path)!, flip) }));
  const arrows = drawn.edges.map((edge) => ({
    ...(JSON.parse(edge.id) as { source: string; target: string }),
    ...curveOf(edge.pos!, flip),
  }));
  return { width, height, states, arrows };
}

interface Placed {
  id: string;
  name?: string;
  bb?: string;
  pos?: string;
  width?: string;
  height?: string;
}

function describe(chart: Chart) {
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
    nodes: leaves.filter((state) => state.parent === null).map(node),
    subgraphs: chart.states
      .filter((state) => state.compound)
      .map((parent) => ({
        name: `cluster_${parent.path}`,
        graphAttributes: { id: parent.path, label: parent.name, margin: 12, fontsize: 13 },
        nodes: leaves.filter((state) => state.parent === parent.path).map(node),
      })),
    edges: arrowsOf(chart).map(({ source, target }) => {
      const [tail, head] = [leafOf(chart, source), leafOf(chart, target)];
      return {
        tail,
        head,
        attributes: {
          id: JSON.stringify({ source, target }),
          ...(tail === source ? {} : { ltail: `cluster_${source}` }),
          ...(head === target ? {} : { lhead: `cluster_${target}` }),
        },
      };
    }),
  };
}

/** One arrow per pair; where all states of a group lead to the same place, one arrow from the group. */
function arrowsOf({ states, transitions }: Chart): { source: string; target: string }[] {
  const pairs = new Map<string, { source: string; target: string }>();
  for (const { source, target } of transitions) {
    if (source === '' || target === null || source === target) continue;
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

/** Graphviz draws from node to node, and cuts the line at the border of the group. */
function leafOf({ states }: Chart, path: string): string {
  const inside = states.filter((state) => state.parent === path);
  return inside.length === 0 ? path : inside[Math.floor((inside.length - 1) / 2)]!.path;
}

function boxOf({ bb, pos, width, height }: Placed, flip: (y: number) => number) {
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
