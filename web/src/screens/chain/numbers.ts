// What the engine says of a chain.
import type { Tensor } from "../../engine/wire";

/** A change that follows from the one before: of z or a of a layer, or of the cost C. */
export interface Step {
  readonly of: "x" | "z" | "a" | "C";
  readonly layer: number;
  readonly factor: number;
  /** The product of the factors so far. */
  readonly product: number;
  readonly predicted: number;
  readonly real: number;
  /** The number that changes, as it is without the change. */
  readonly value: number;
  /** Whether the predicted change is more than the rounding of that number. */
  readonly seen: boolean;
}

export interface Cascade {
  /** What is nudged, as it is now. */
  readonly value: number;
  readonly change: number;
  readonly product: number;
  /** The derivative by the reverse sweep. */
  readonly derivative: number;
  /** The real change of the cost divided by the nudge. */
  readonly real: number;
  /** Whether the cost is computed from z of the output, its activation included. */
  readonly fused: boolean;
  readonly steps: readonly Step[];
}

/** The answer to chain.numbers; lists are by neuron, but a begins with the input. */
export interface ChainNumbers {
  readonly weights: readonly number[];
  readonly biases: readonly number[];
  readonly z: readonly number[];
  readonly a: readonly number[];
  readonly slopes: readonly number[];
  readonly delta: readonly number[];
  readonly nabla_w: readonly number[];
  readonly nabla_b: readonly number[];
  readonly cost: number;
  readonly output: string;
  readonly reach: number;
  readonly cascade: Cascade;
}

/** The answer to chain.curve. */
export interface Curve {
  readonly z: Tensor;
  readonly a: Tensor;
  readonly slope: Tensor;
}

export interface Choices {
  readonly activations: readonly string[];
  readonly costs: readonly string[];
}

export interface Depth {
  readonly delta: Readonly<Record<string, readonly number[]>>;
}
