// What the demon moves, and how far: all of it stands in the address.
import { useAt, useNumbers } from "../../moment";
import { useMove, useNumber, useText } from "../../place";
import type { Place } from "../../parts/network-layout";

export const KINDS = ["neuron", "bias", "weight", "input"] as const;
export type Kind = (typeof KINDS)[number];

export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  neuron: "a weighted input z",
  bias: "a bias b",
  weight: "a weight w",
  input: "an input x",
};

/** How far the slider goes to either side. */
export const REACHES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] as const;
const REACH = 2;
export const MIDDLE = 100; // the position of the slider at which nothing moves
export const POSITIONS = 2 * MIDDLE + 1;

export interface Choice {
  readonly kind: Kind;
  readonly layer: number;
  readonly neuron: number;
  /** Of a weight: the neuron of the layer before that it comes from. */
  readonly from: number;
  readonly pixel: number;
  readonly reach: number;
  readonly position: number;
  /** Whether the neuron is the one of this example: one that nobody named depends on it. */
  readonly isKnown: boolean;
}

type Named = "kind" | "layer" | "neuron" | "from" | "pixel";

/** The name of what is moved, as the engine writes it: "w[2][7, 3]". */
export function whatOf({ kind, layer, neuron, from, pixel }: Pick<Choice, Named>) {
  if (kind === "input") return `x[${pixel}]`;
  if (kind === "weight") return `w[${layer}][${neuron}, ${from}]`;
  return `${kind === "bias" ? "b" : "z"}[${layer}][${neuron}]`;
}

/** The position of the slider next to a change. */
export function positionOf(change: number, reach: number): number {
  return within(Math.round(MIDDLE + (MIDDLE * change) / reach));
}

export function within(position: number): number {
  return Math.max(0, Math.min(POSITIONS - 1, position));
}

/** The change at a position, without the rounding errors of its digits. */
export function changeAt(position: number, reach: number): number {
  return Number(((reach * (position - MIDDLE)) / MIDDLE).toPrecision(6));
}

/** What the address says; without a neuron in it that with the largest |δ| of the example. */
export function useChoice(sizes: readonly number[]): Choice {
  const numbers = useNumbers();
  const largest = numbers.value?.largest;
  const [layer] = useNumber("layer", NaN);
  const [neuron] = useNumber("neuron", NaN);
  const [text] = useText("nudge", "neuron");
  const [from] = useNumber("from", 0);
  const [pixel] = useNumber("pixel", 0);
  const [wanted] = useNumber("reach", REACH);
  const [change] = useNumber("dz", 1);
  const reach = REACHES.find((r) => r === wanted) ?? REACH;
  const kind = KINDS.find((k) => k === text) ?? "neuron";
  const isNamed = !Number.isNaN(neuron);
  const first = isNamed ? 1 : (largest?.layer ?? 1);
  const l = bounded(Number.isNaN(layer) ? first : layer, 1, sizes.length - 1);
  return {
    kind,
    layer: l,
    neuron: bounded(isNamed ? neuron : (largest?.neurons[l] ?? 0), 0, (sizes[l] ?? 1) - 1),
    from: bounded(from, 0, (sizes[l - 1] ?? 1) - 1),
    pixel: bounded(pixel, 0, (sizes[0] ?? 1) - 1),
    reach,
    position: positionOf(change, reach),
    isKnown: isNamed || kind === "input" || numbers.current,
  };
}

/** What questions about the choice have in common; null until the choice is known. */
export function useAtChoice({ isKnown }: Choice): ReturnType<typeof useAt> {
  const at = useAt();
  return isKnown ? at : null;
}

function bounded(x: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, Math.round(x)));
}

/** Where it is in the picture of the network. */
export function placeOfChoice(choice: Choice): Place {
  return choice.kind === "input"
    ? { layer: 0, neuron: choice.pixel }
    : { layer: choice.layer, neuron: choice.neuron };
}

/** Choose what was clicked in the picture: an input is moved itself, of a neuron z or its bias. */
export function useChoosePlace(kind: Kind): (place: Place) => void {
  const move = useMove();
  return ({ layer, neuron }) => {
    if (layer === 0) move({ nudge: "input", pixel: neuron });
    else move({ nudge: kind === "input" ? "neuron" : kind, layer, neuron });
  };
}
