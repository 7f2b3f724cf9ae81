// What the quantities of a layer are called, and how they are written.
import { count, percent, short } from "../../format";
import type { Quantity } from "./history";

interface Name {
  readonly title: string;
  readonly axis: string;
  /** In a table. */
  readonly symbol: string;
  readonly log: boolean;
  readonly text: (x: number) => string;
}

export const NAMES: Readonly<Record<Quantity, Name>> = {
  nabla_w: named("gradient of the weights, |∇w|", "|∇w|"),
  nabla_b: named("gradient of the biases, |∇b|", "|∇b|"),
  delta: named("errors, |δ|", "|δ|"),
  weights: named("weights, |w|", "|w|"),
  update: named("step of the weights, |Δw| / |w|", "|Δw| / |w|"),
  saturated: {
    title: "saturated neurons", axis: "share", symbol: "saturated", log: false, text: percent,
  },
  dead: { title: "dead neurons", axis: "neurons", symbol: "dead", log: false, text: count },
};

function named(title: string, symbol: string): Name {
  return { title, axis: symbol, symbol, log: true, text: (x) => short(x, 3) };
}
