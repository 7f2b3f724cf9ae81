// What the picture of a network says of its neurons: which quantity, which scale, which words.
import { short } from "../format";
import type { ByLayer, Numbers } from "../moment";
import { largest } from "./colours";
import type { Place } from "./network-layout";

export type Quantity = "delta" | "z" | "a" | "delta_a" | "change";
export const QUANTITIES: readonly Quantity[] = ["delta", "z", "a", "delta_a"];
const IN_WORDS: readonly Quantity[] = ["z", "a", "delta", "delta_a", "change"];

/** The numbers of one example, and what a nudge changes in them, if there is one. */
export interface Shown extends Numbers {
  /** da: by how much each activation changes. */
  readonly change?: ByLayer;
}

export const SYMBOLS: Readonly<Record<Quantity, string>> = {
  delta: "δ",
  z: "z",
  a: "a",
  delta_a: "∂C/∂a",
  change: "da",
};

export const MEANINGS: Readonly<Record<Quantity, string>> = {
  delta: "error δ = ∂C/∂z",
  z: "weighted input z",
  a: "activation a",
  delta_a: "derivative ∂C/∂a",
  change: "change da",
};

/** The numbers of a layer; those of the input, which has no z and no δ, are its pixels. */
export function cellsOf(numbers: Shown, quantity: Quantity | null, layer: number): Float32Array {
  const found = quantity && numbers[quantity]?.[String(layer)];
  const cells = found ?? (layer === 0 ? numbers.a["0"] : undefined);
  return cells?.data ?? new Float32Array();
}

/** Whether a layer shows the quantity itself. */
export function hasOwn(numbers: Shown, quantity: Quantity | null, layer: number): boolean {
  return quantity !== null && numbers[quantity]?.[String(layer)] !== undefined;
}

/** What stands for full colour: the largest magnitude, of all layers after the input or of one. */
export function scaleOf(
  numbers: Shown,
  quantity: Quantity | null,
  layer: number,
  layers: number,
  isShared: boolean,
): number {
  if (!isShared || layer === 0) return largest(cellsOf(numbers, quantity, layer));
  const each = Array.from({ length: layers - 1 }, (_, i) =>
    largest(cellsOf(numbers, quantity, i + 1)),
  );
  return Math.max(0, ...each);
}

/** A neuron in words: "layer 1, neuron 7, z 1.2, a 0.77, δ -0.0025". */
export function nameOf(
  numbers: Shown,
  { layer, neuron }: Place,
  shown: readonly Quantity[] = QUANTITIES,
): string {
  const place = layer === 0 ? `input ${neuron}` : `layer ${layer}, neuron ${neuron}`;
  const order = IN_WORDS.filter((q) => shown.includes(q));
  const facts = order.flatMap((q) => {
    const x = numbers[q]?.[String(layer)]?.data[neuron];
    return x === undefined ? [] : [`${layer === 0 && q === "a" ? "x" : SYMBOLS[q]} ${short(x)}`];
  });
  return [place, ...facts].join(", ");
}

/** All neurons as rows of a table: layer, neuron and the quantities that are shown. */
export function rowsOf(
  numbers: Shown,
  sizes: readonly number[],
  shown: readonly Quantity[],
): (string | number)[][] {
  return sizes.flatMap((n, layer) =>
    Array.from({ length: n }, (_, j) => [
      layer === 0 ? "input" : `layer ${layer}`,
      String(j),
      ...shown.map((q) => numbers[q]?.[String(layer)]?.data[j] ?? ""),
    ]),
  );
}
