// A graph as it is drawn, and a position of a sweep over it: src/chainrule/explorer/functions/picture.py.

/** A derivative at a box, from a moment on: "3 + 2 = 5". */
export interface Sum {
  readonly name: string;
  readonly at: number;
  readonly text: string;
}

export interface GraphNode {
  readonly key: string;
  readonly kind: "input" | "constant" | "operation" | "output" | "group";
  /** Lines apart by line ends; the first is large. */
  readonly label: string;
  readonly detail: string;
  readonly group: string;
  readonly sweep: string;
  /** First and last moment at which something in it is computed. */
  readonly at: readonly [number, number];
  /** The same of the reverse sweep; empty if this never comes here. */
  readonly back: readonly [number, number] | readonly [];
  readonly equation: number;
  readonly sums: readonly Sum[];
}

export interface GraphEdge {
  readonly start: string;
  readonly end: string;
  readonly variable: string;
  readonly type: string;
  readonly value: string;
  /** When the value is known. */
  readonly at: number;
  readonly gradient: string;
  /** When the derivative is known; 0 for never. */
  readonly back: number;
  readonly magnitude: number | null;
}

export interface GraphGroup {
  readonly key: string;
  readonly label: string;
  readonly group: string;
  readonly times: number;
}

export type Phase = "given" | "forward" | "seed" | "backward";

/** A position of the sweep. */
export interface Stop {
  /** The moment up to which all is known here. */
  readonly at: number;
  readonly phase: Phase;
  readonly box: string;
  readonly count: number;
  readonly equation: number;
  readonly label: string;
}

/** What there is to draw. */
export interface DrawnGraph {
  readonly function: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly groups: readonly GraphGroup[];
  /** How many operations there are, folded ones too. */
  readonly equations: number;
}
