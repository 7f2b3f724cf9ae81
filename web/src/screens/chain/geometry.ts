// Where neurons and factors stand: a column for each neuron, with its factor w on the left and its
// slope on the right, then one for the cost.
import type { Step } from "./numbers";

export const LEFT = 52; // for the labels of axes, and the input
const RIGHT = 44; // for the cost

export interface Columns {
  readonly width: number;
  readonly neurons: number;
  /** The width of one neuron's column. */
  readonly column: number;
}

export function columnsOf(width: number, neurons: number): Columns {
  return { width, neurons, column: (width - LEFT - RIGHT) / neurons };
}

/** The middle of a neuron; neurons count from 1. */
export function neuronX({ column }: Columns, neuron: number): number {
  return LEFT + (neuron - 0.4) * column;
}

/** The middle of a step's factor. */
export function stepX(columns: Columns, step: Step): number {
  const { width, column } = columns;
  if (step.of === "C") return width - RIGHT / 2 - 4;
  if (step.of === "x") return LEFT / 2;
  return LEFT + (step.layer - (step.of === "z" ? 0.75 : 0.3)) * column;
}

export function barWidth({ column }: Columns): number {
  return Math.min(26, column * 0.38);
}
