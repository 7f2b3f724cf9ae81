// The answers of the engine that the screen shows, and the hooks that ask for them.
import { useAnswer, type Answer } from "../../engine/answers";
import type { Tensor } from "../../engine/wire";
import type { ByLayer } from "../../moment";
import { useAtChoice, whatOf, type Choice } from "./choice";

/** The answer to demon.curve: what the cost does at each position of the slider. */
export interface Curve {
  readonly name: string;
  /** How the change is called: "dz", "db", "dw" or "dx". */
  readonly change: string;
  readonly value: number;
  readonly cost: number;
  /** The derivative of the cost in what is moved; of a weighted input the error δ. */
  readonly slope: number;
  readonly meaning: string;
  readonly dz: Tensor;
  readonly curve: Tensor;
  readonly predicted: Tensor;
  readonly real: Tensor;
  readonly gap: Tensor;
}

/** The answer to demon.gaps. */
export interface Gaps {
  readonly dz: Tensor;
  readonly gap: Tensor;
  readonly square: Tensor;
  readonly ratio: number | null;
}

export interface CascadeStep {
  readonly name: string;
  readonly rule: string;
  readonly neurons: number;
  readonly predicted: number;
  readonly real: number;
  readonly strongest: number;
}

/** The answer to demon.cascade. */
export interface Cascade {
  readonly steps: readonly CascadeStep[];
  readonly before: Tensor;
  readonly after: Tensor;
  readonly change: Tensor;
  /** da by layer. */
  readonly changes: ByLayer;
  readonly says: readonly [number, number];
}

export function useCurve(choice: Choice): Answer<Curve> {
  const at = useAtChoice(choice);
  const { reach } = choice;
  return useAnswer<Curve>("demon.curve", at && { ...at, what: whatOf(choice), reach });
}

export function useGaps(choice: Choice): Answer<Gaps> {
  const at = useAtChoice(choice);
  const { reach } = choice;
  return useAnswer<Gaps>("demon.gaps", at && { ...at, what: whatOf(choice), reach });
}

/** Where nothing moves there is nothing to follow, and nothing is asked. */
export function useCascade(choice: Choice, change: number): Answer<Cascade> {
  const at = useAtChoice(choice);
  const asked = at && change !== 0 ? { ...at, what: whatOf(choice), dz: change } : null;
  return useAnswer<Cascade>("demon.cascade", asked);
}

/** What the derivative is called: δ for a weighted input. */
export function slopeName(change: string): string {
  return change === "dz" ? "δ" : `∂C/∂${change.slice(1)}`;
}
