// The picture of a graph with the numbers of one sweep on it. No drawing.
import type { DrawnGraph, GraphEdge, GraphNode, Stop } from "../../parts/graph-drawn";
import { partsOf, type Spot } from "../../parts/graph-walking";
import type { Derivative, Lockstep, OnPicture, Path, Paths, Step } from "./questions";

export type Side = "forward" | "reverse";

/** At which position each box has its numbers: the last of those of a folded group. */
function positionsOf(steps: readonly Step[]): ReadonlyMap<string, number> {
  return new Map(steps.map((step, i) => [step.box, i]));
}

/** At which position a variable has its number; -1 if it never has one. */
export function positionOf(steps: readonly Step[], variable: string): number {
  return steps.findIndex((step) => step.sums.some((sum) => sum.variable === variable));
}

/** The picture of one sweep: local derivatives on the lines, its numbers at the boxes. */
export function drawnOf(answer: Lockstep, side: Side): DrawnGraph {
  const steps = answer[side];
  const at = positionsOf(steps);
  const names: Record<Side, string> = { forward: "forward mode", reverse: "reverse mode" };
  return {
    function: `${answer.function}, ${names[side]}`,
    nodes: boxesOf(answer).map((node) => nodeOf(node, steps, at)),
    edges: edgesOf(answer),
    groups: answer.groups,
    equations: answer.forward.length,
  };
}

/** The boxes without those that only say what an output is: its operation is green instead. */
export function boxesOf(answer: OnPicture): readonly GraphNode[] {
  const ends = new Set(answer.nodes.filter(({ kind }) => kind === "output").map(({ key }) => key));
  const made = new Set(answer.edges.filter(({ end }) => ends.has(end)).map(({ start }) => start));
  return answer.nodes
    .filter(({ key }) => !ends.has(key))
    .map((node) => {
      const isOutput = node.kind === "operation" && made.has(node.key);
      return isOutput ? { ...node, kind: "output" } : node;
    });
}

function nodeOf(
  node: GraphNode,
  steps: readonly Step[],
  at: ReadonlyMap<string, number>,
): GraphNode {
  const moment = (at.get(node.key) ?? -1) + 1; // of what no sweep computes 0, before all steps
  const here = node.kind === "group" ? [] : steps.filter((step) => step.box === node.key);
  return {
    ...node,
    at: [moment, moment],
    back: [],
    sums: here.flatMap((step) =>
      step.sums.map(({ name, brief }) => ({ name, at: moment, text: brief })),
    ),
  };
}

/** The position of a sweep as the picture knows it. */
export function stopOf(step: Step, position: number): Stop {
  return {
    at: position + 1,
    phase: "given",
    box: step.box,
    count: 1,
    equation: -1,
    label: labelOf(step),
  };
}

/** "ċ = 1". */
export function labelOf(step: Step): string {
  return step.sums.map((sum) => `${sum.name} = ${sum.brief}`).join(", ");
}

/** The lines, below each the number by which it multiplies. */
export function edgesOf(answer: OnPicture): readonly GraphEdge[] {
  const left = [...answer.derivatives];
  const boxes = new Set(boxesOf(answer).map(({ key }) => key));
  return answer.edges.filter(({ end }) => boxes.has(end)).map((edge) => {
    const found = left.findIndex((d) => isOn(d, edge));
    const factor = found < 0 ? "" : `× ${left.splice(found, 1)[0]?.text ?? ""}`;
    return { ...edge, at: 0, gradient: factor, back: factor ? 1 : 0, magnitude: null };
  });
}

function isOn(derivative: Derivative, edge: GraphEdge): boolean {
  const { start, end, variable } = derivative;
  return start === edge.start && end === edge.end && variable === edge.variable;
}

/** The lines that a step sums over: those that come in, or, in reverse mode, that go out. */
export function summedOver(
  edges: readonly GraphEdge[],
  step: Step,
  side: Side,
): ReadonlySet<number> {
  const end = side === "forward" ? "end" : "start";
  return new Set(edges.flatMap((edge, i) => (edge[end] === step.box ? [i] : [])));
}

/** The position at which what was chosen in the picture is computed; of a line what it leads to. */
export function positionOfSpot(answer: Lockstep, side: Side, spot: Spot): number {
  const { kind, key } = partsOf(spot);
  const edge = kind === "edge" ? edgesOf(answer)[Number(key)] : undefined;
  const box = edge ? (side === "forward" ? edge.end : edge.start) : key;
  return positionsOf(answer[side]).get(box) ?? -1;
}

/** The boxes of a path, and the numbers of the lines between them. */
export function alongPath(
  edges: readonly GraphEdge[],
  path: Path | undefined,
): { readonly boxes: ReadonlySet<string>; readonly lines: ReadonlySet<number> } {
  const boxes = path?.boxes ?? [];
  const pairs = new Set(boxes.slice(1).map((end, i) => `${boxes[i]} ${end}`));
  const on = edges.flatMap(({ start, end }, i) => (pairs.has(`${start} ${end}`) ? [i] : []));
  return { boxes: new Set(boxes), lines: new Set(on) };
}

/** The next path after `chosen` that goes through a box or a line; `chosen` if there is none. */
export function nextThrough(
  { paths }: Pick<Paths, "paths">,
  edges: readonly GraphEdge[],
  spot: Spot,
  chosen: number,
): number {
  const { kind, key } = partsOf(spot);
  const goes = (path: Path): boolean => {
    const along = alongPath(edges, path);
    return kind === "edge" ? along.lines.has(Number(key)) : along.boxes.has(key);
  };
  for (let i = 1; i <= paths.length; i++) {
    const next = (chosen + i) % paths.length;
    const path = paths[next];
    if (path && goes(path)) return next;
  }
  return chosen;
}
