// The output layer under two costs: which neuron is looked at, with which z and target.
import { useAnswer, type Answer } from "../../engine/answers";
import type { Tensor } from "../../engine/wire";
import { useAbout, useAt } from "../../moment";
import { useText } from "../../place";
import { useForms } from "./choice";

export interface UnderCost {
  readonly name: string;
  readonly value: number;
  readonly delta_a: Tensor;
  readonly delta: Tensor;
}

/** The answer to equations.costs. */
export interface TwoCosts {
  readonly z: Tensor;
  readonly a: Tensor;
  readonly y: Tensor;
  readonly slope: Tensor;
  readonly costs: readonly [UnderCost, UnderCost];
  readonly ratio: number | null;
}

/** The answer to equations.curve. */
export interface Curve {
  readonly here: number;
  readonly z: Tensor;
  readonly deltas: readonly [Tensor, Tensor];
}

export interface Output {
  readonly width: number;
  readonly neuron: number;
  /** In place of its own z; null for that. */
  readonly z: number | null;
  /** In place of its own target; null for that. */
  readonly target: number | null;
  setNeuron(neuron: number): void;
  setZ(z: number | null): void;
  setTarget(target: number | null): void;
}

/** The output neuron that is looked at: at first the one whose two errors are furthest apart. */
export function useOutput(): Output {
  const width = useAbout().value?.sizes.at(-1) ?? 0;
  const slower = useForms().value?.slower ?? 0;
  const [neuron, setChosen] = useText("output");
  const [z, setZ] = useText("moved");
  const [target, setTarget] = useText("target");
  const given = neuron === "" ? NaN : Number(neuron);
  return {
    width,
    neuron: Number.isInteger(given) && given >= 0 && given < width ? given : slower,
    z: numberOf(z),
    target: numberOf(target),
    setNeuron: (j) => {
      setChosen(String(j));
      setZ("");
      setTarget("");
    },
    setZ: (x) => setZ(x === null ? "" : String(x)),
    setTarget: (y) => setTarget(y === null ? "" : String(y)),
  };
}

function numberOf(text: string): number | null {
  const number = text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}

export function useTwoCosts({ neuron, z, target }: Output): Answer<TwoCosts> {
  const at = useAt();
  return useAnswer<TwoCosts>("equations.costs", at && { ...at, neuron, z, target });
}

export function useCurve({ neuron, target }: Output): Answer<Curve> {
  const at = useAt();
  return useAnswer<Curve>("equations.curve", at && { ...at, neuron, target });
}
