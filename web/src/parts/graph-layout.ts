// Where boxes and lines stand: dagre finds the places, here is what it is given and what comes out.
import { Graph, layout as place } from "@dagrejs/dagre";
import type { DrawnGraph, GraphEdge, GraphGroup, GraphNode } from "./graph-drawn";
import { sumNames } from "./graph-moments";

export type Direction = "right" | "down";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly node: GraphNode;
  readonly width: number;
  readonly height: number;
  readonly lines: readonly string[];
}

export interface Line {
  readonly edge: GraphEdge;
  readonly points: readonly Point[];
  /** The middle of where its numbers stand. */
  readonly label: Point;
}

export interface Frame extends Point {
  readonly group: GraphGroup;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  readonly frames: readonly Frame[];
  readonly width: number;
  readonly height: number;
  readonly direction: Direction;
}

export const LABEL = 14;
export const SMALL = 11.5;
export const ROW = 15;
const PADDING = 9;
/** Boxes from which dagre is asked for less beautiful places, which it finds sooner. */
const MANY = 250;
/** Boxes and open groups up to which dagre keeps other boxes out of frames, which takes it long. */
const FRAMED = { boxes: 60, groups: 6 };
/** Boxes that are placed at all. */
export const MOST = 1200;
/** Boxes up to which both directions are tried. */
const FEW = 120;

/** The width of a text, about; `bold` for what is large. */
function textWidth(text: string, size: number): number {
  let units = 0;
  for (const c of text) units += NARROW.has(c) ? 0.34 : WIDE.has(c) ? 0.92 : 0.6;
  return units * size;
}

const NARROW = new Set("ilj.,:;|'![]()\u0304 ");
const WIDE = new Set("mwMW@∑×");

export function layoutOf(drawn: DrawnGraph, direction: Direction): Layout {
  const isFramed = drawn.nodes.length <= FRAMED.boxes && drawn.groups.length <= FRAMED.groups;
  const framed = isFramed ? drawn.groups : [];
  const graph = new Graph({ multigraph: true, compound: framed.length > 0 });
  const many = drawn.nodes.length > MANY;
  graph.setGraph({
    rankdir: direction === "right" ? "LR" : "TB",
    nodesep: 26,
    ranksep: direction === "right" ? 52 : 44,
    edgesep: 14,
    ranker: many ? "longest-path" : "network-simplex",
    marginx: 12,
    marginy: 12,
  });
  const sized = drawn.nodes.map(sizeOf);
  const names = namesOn(drawn);
  for (const group of framed) graph.setNode(`frame ${group.key}`, {});
  for (const box of sized) graph.setNode(box.node.key, { width: box.width, height: box.height });
  for (const group of framed) setParent(graph, `frame ${group.key}`, group.group);
  if (isFramed) for (const { node } of sized) setParent(graph, node.key, node.group);
  drawn.edges.forEach((edge, i) => {
    const label = labelSize(edge, names[i] ?? "", direction);
    graph.setEdge(edge.start, edge.end, label, String(i));
  });
  place(graph);
  const { width = 0, height = 0 } = graph.graph();
  const placed = sized.map((box) => ({ ...box, ...at(graph.node(box.node.key)) }));
  const boxes = new Map(placed.map((box) => [box.node.key, box]));
  return {
    boxes: placed,
    lines: drawn.edges.map((edge, i) => {
      const ends = [edge.start, edge.end].map((key) => boxes.get(key)) as [Box, Box];
      return lineOf(edge, graph.edge(edge.start, edge.end, String(i)), ends, direction);
    }),
    frames: framesOf(drawn.groups, placed),
    width,
    height,
    direction,
  };
}

/** The layout that is the larger when it is made to fit; of large graphs the one to the right. */
export function bestLayout(drawn: DrawnGraph, width: number, height: number): Layout {
  const right = layoutOf(drawn, "right");
  if (drawn.nodes.length > FEW) return right;
  const scale = (x: Layout): number => Math.min(width / x.width, height / x.height, 1);
  if (scale(right) >= 0.85) return right;
  const down = layoutOf(drawn, "down");
  return scale(down) > scale(right) ? down : right;
}

const AROUND = 12; // between a frame and what is in it
const TITLE = 20; // of a frame, within the one around it

/** The frames of open groups: around all boxes in them, outer ones first. */
function framesOf(groups: readonly GraphGroup[], boxes: readonly Box[]): readonly Frame[] {
  const outer = new Map(groups.map((group) => [group.key, group.group]));
  const chain = (key: string): string[] => (key === "" ? [] : [key, ...chain(outer.get(key) ?? "")]);
  const found = new Map<string, { group: GraphGroup; of: Box[]; height: number }>();
  for (const group of groups) found.set(group.key, { group, of: [], height: 0 });
  for (const box of boxes) {
    for (const key of chain(box.node.group)) found.get(key)?.of.push(box);
  }
  for (const group of groups) {
    chain(group.key).forEach((key, up) => {
      const frame = found.get(key);
      if (frame) frame.height = Math.max(frame.height, up);
    });
  }
  const depth = (group: GraphGroup): number => chain(group.key).length;
  return [...found.values()]
    .filter(({ of }) => of.length > 0)
    .sort((a, b) => depth(a.group) - depth(b.group))
    .map(({ group, of, height }) => frameAround(group, of, height));
}

/** `inside` is how many frames there are in it, one within the other. */
function frameAround(group: GraphGroup, boxes: readonly Box[], inside: number): Frame {
  const around = AROUND * (inside + 1);
  const left = Math.min(...boxes.map((b) => b.x - b.width / 2)) - around;
  const right = Math.max(...boxes.map((b) => b.x + b.width / 2)) + around;
  const top = Math.min(...boxes.map((b) => b.y - b.height / 2)) - AROUND - TITLE * inside;
  const bottom = Math.max(...boxes.map((b) => b.y + b.height / 2)) + around;
  const middle = { x: (left + right) / 2, y: (top + bottom) / 2 };
  return { group, ...middle, width: right - left, height: bottom - top };
}

function setParent(graph: Graph, key: string, group: string): void {
  if (group !== "") graph.setParent(key, `frame ${group}`);
}

function at(found: unknown): Point {
  const { x = 0, y = 0 } = found as { x?: number; y?: number };
  return { x, y };
}

interface Sized extends Omit<Box, "x" | "y"> {}

function sizeOf(node: GraphNode): Sized {
  const lines = node.label.split("\n");
  const sums = node.sums.map((sum) => `${sum.name} = ${sum.text}`);
  const widest = Math.max(
    textWidth(lines[0] ?? "", LABEL) * 1.08,
    ...lines.slice(1).map((line) => textWidth(line, SMALL)),
    ...sums.map((sum) => textWidth(sum, SMALL)),
    18,
  );
  const rows = lines.length + sumNames(node).length;
  return { node, lines, width: widest + 2 * PADDING + 4, height: rows * ROW + 2 * PADDING - 2 };
}

/** What stands before the value on each line: the variable, where its box does not say it. */
export function namesOn({ nodes, edges }: DrawnGraph): readonly string[] {
  const kinds = new Map(nodes.map((node) => [node.key, node.kind]));
  const made = new Map<string, Set<string>>();
  for (const { start, variable } of edges) {
    made.set(start, (made.get(start) ?? new Set()).add(variable));
  }
  return edges.map(({ start, variable, value }) => {
    if (value === "") return kinds.get(start) === "constant" ? "" : variable;
    const isSaid = kinds.get(start) !== "group" && made.get(start)?.size === 1;
    return isSaid ? "" : `${variable} = `;
  });
}

interface LabelSize {
  readonly width: number;
  readonly height: number;
  readonly labelpos: "c" | "r";
  readonly labeloffset: number;
}

const BOLD = 1.1; // how much wider numbers are at the position where they are computed

/** The room for the numbers of a line: over and under it, or to its right if it goes down. */
function labelSize(edge: GraphEdge, name: string, direction: Direction): LabelSize {
  const value = textWidth(name + edge.value, SMALL);
  const width = BOLD * Math.max(value, textWidth(edge.gradient, SMALL));
  return direction === "right"
    ? { width: width + 16, height: 2 * ROW + 4, labelpos: "c", labeloffset: 0 }
    : { width: width + 4, height: 2 * ROW, labelpos: "r", labeloffset: 6 };
}

/**
 * The corners of a line: from the side of one box, straight where its numbers are, to the side of
 * the other. Between corners it is a curve.
 */
function lineOf(
  edge: GraphEdge,
  found: unknown,
  [start, end]: readonly [Box, Box],
  direction: Direction,
): Line {
  const { points = [], x, y, width = 0, height = 0 } = found as Placed;
  const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
  const label = { x: x ?? middle.x, y: y ?? middle.y };
  const inner = points.slice(1, -1);
  const half =
    direction === "right" ? { x: width / 2 - 4, y: 0 } : { x: 0, y: Math.max(0, height / 2 - 6) };
  const corners = inner.flatMap((point) =>
    point === middle && points.length > 2
      ? [
          { x: point.x - half.x, y: point.y - half.y },
          { x: point.x + half.x, y: point.y + half.y },
        ]
      : [point],
  );
  const first = sideOf(start, corners[0] ?? end, direction, 1);
  const last = sideOf(end, corners.at(-1) ?? start, direction, -1);
  return { edge, points: [first, ...corners, last], label };
}

interface Placed {
  readonly points?: readonly Point[];
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
}

const CORNER = 9; // a line keeps off the rounded corners of a box

/** Where a line that comes from, or goes to, a point leaves or enters a box. */
function sideOf(box: Box, to: Point, direction: Direction, sign: 1 | -1): Point {
  const clamp = (x: number, middle: number, size: number): number => {
    const room = Math.max(0, size / 2 - CORNER);
    return Math.min(middle + room, Math.max(middle - room, x));
  };
  return direction === "right"
    ? { x: box.x + (sign * box.width) / 2, y: clamp(to.y, box.y, box.height) }
    : { x: clamp(to.x, box.x, box.width), y: box.y + (sign * box.height) / 2 };
}

/** A path through the corners of a line that leaves each of them the way that data flows. */
export function pathOf(points: readonly Point[], direction: Direction): string {
  const [first, ...others] = points;
  if (!first) return "";
  const parts = [`M${corner(first)}`];
  let from = first;
  for (const to of others) {
    const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
    const [leave, arrive] =
      direction === "right"
        ? [{ x: middle.x, y: from.y }, { x: middle.x, y: to.y }]
        : [{ x: from.x, y: middle.y }, { x: to.x, y: middle.y }];
    parts.push(`C${corner(leave)} ${corner(arrive)} ${corner(to)}`);
    from = to;
  }
  return parts.join("");
}

function corner({ x, y }: Point): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}

/** The three corners of an arrow's head whose tip is at a point. */
export function headOf(tip: Point, size: number, direction: Direction): string {
  const side = size * 0.45;
  const back =
    direction === "right"
      ? [{ x: tip.x - size, y: tip.y - side }, { x: tip.x - size, y: tip.y + side }]
      : [{ x: tip.x - side, y: tip.y - size }, { x: tip.x + side, y: tip.y - size }];
  return [tip, ...back].map(corner).join(" ");
}
