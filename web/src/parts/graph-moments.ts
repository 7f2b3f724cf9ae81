// What of a drawn graph is known at a position of the sweep. No drawing.
import type { GraphEdge, GraphNode, Stop, Sum } from "./graph-drawn";

export type State = "waiting" | "partly" | "done";

/** Whether what is in a box is computed at a moment. */
export function stateOf(node: GraphNode, moment: number): State {
  const [first, last] = node.at;
  return moment >= last ? "done" : moment >= first ? "partly" : "waiting";
}

/** The value on a line as it is known at a moment, else nothing. */
export function valueOn(edge: GraphEdge, moment: number): string {
  return edge.value !== "" && moment >= edge.at ? edge.value : "";
}

/** The derivative on a line as it is known at a moment, else nothing. */
export function gradientOn(edge: GraphEdge, moment: number): string {
  return hasGradient(edge, moment) ? edge.gradient : "";
}

export function hasGradient(edge: GraphEdge, moment: number): boolean {
  return edge.back > 0 && moment >= edge.back;
}

/** The newest line of each sum at a box. */
export function sumsAt(node: GraphNode, moment: number): readonly Sum[] {
  const newest = new Map<string, Sum>();
  for (const sum of node.sums) if (moment >= sum.at) newest.set(sum.name, sum);
  return [...newest.values()];
}

/** How many sums a box will have: room is kept for them. */
export function sumNames(node: GraphNode): readonly string[] {
  return [...new Set(node.sums.map((sum) => sum.name))];
}

const DECADES = 6;

/** The width of a line by the logarithm of its derivative, as in drawing/svg.py; 0 for none. */
export function widthOf(magnitude: number | null, largest: number): number {
  if (magnitude === null) return 1.2;
  if (magnitude === 0) return 0;
  if (!Number.isFinite(magnitude)) return 3.8;
  const share = 1 + (Math.log10(magnitude) - Math.log10(largest)) / DECADES;
  return 1 + 2.8 * Math.min(1, Math.max(0, share));
}

export function largestOf(edges: readonly GraphEdge[]): number {
  let most = 0;
  for (const { magnitude } of edges) {
    if (magnitude !== null && Number.isFinite(magnitude)) most = Math.max(most, magnitude);
  }
  return most || 1;
}

/** Whether a line carries something at a position: what comes in forwards, what goes back. */
export function isCarrying(edge: GraphEdge, stop: Stop): boolean {
  if (stop.phase === "seed") return edge.back === stop.at;
  return stop.phase !== "given" && (edge.end === stop.box || edge.start === stop.box);
}
