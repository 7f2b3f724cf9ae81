// The factors of a derivative, in symbols and in numbers.
import { numberTex } from "../../tex";
import type { Cascade, Step } from "./numbers";
import { neuronOf, type Nudge } from "./text";

const WRITTEN = 9; // factors in one line; more are left out in the middle

/** The derivative that the cascade multiplies up: \frac{\partial C}{\partial w_1}. */
export function derivativeTex({ what }: Nudge): string {
  const name = what === "x" ? "x" : `${what[0]}_{${what.slice(1)}}`;
  return String.raw`\frac{\partial C}{\partial ${name}}`;
}

/** The factor of a step in symbols; null of a factor that is 1 by its nature: a bias's. */
export function factorTex(step: Step, first: boolean, nudge: Nudge, fused: boolean): string | null {
  const { of, layer } = step;
  if (of === "C") {
    return String.raw`\frac{\partial C}{\partial ${fused ? "z" : "a"}_{${layer}}}`;
  }
  if (of === "a") return `\\sigma'(z_{${layer}})`;
  if (!first || nudge.what === "x") return `w_{${layer}}`;
  if (nudge.what.startsWith("b")) return null;
  const before = neuronOf(nudge) - 1;
  return before === 0 ? "x" : `a_{${before}}`;
}

/** The product of all factors in symbols, and in numbers. */
export function productTex(cascade: Cascade, nudge: Nudge): { symbols: string; numbers: string } {
  const symbols: string[] = [];
  const numbers: string[] = [];
  cascade.steps.forEach((step, i) => {
    const symbol = factorTex(step, i === 0, nudge, cascade.fused);
    if (symbol === null) return;
    symbols.push(symbol);
    const number = numberTex(step.factor, 3);
    numbers.push(step.factor < 0 ? `(${number})` : number);
  });
  return {
    symbols: elided(symbols).join(String.raw`\;`),
    numbers: elided(numbers).join(String.raw` \cdot `),
  };
}

function elided(factors: readonly string[]): readonly string[] {
  if (factors.length <= WRITTEN) return factors;
  return [...factors.slice(0, 5), String.raw`\ldots`, ...factors.slice(-3)];
}

/** A change by its name: Δz₃. */
export function changeName(step: Step): string {
  return `Δ${quantityName(step.of, step.layer)}`;
}

/** z₃, a₃, x, C. */
export function quantityName(of: string, layer: number): string {
  return of === "C" || of === "x" ? of : `${of}${subscript(layer)}`;
}

export function nudgeName({ what }: Nudge): string {
  return what === "x" ? "x" : `${what[0]}${subscript(Number(what.slice(1)))}`;
}

/** The factor of a step as text: σ′(z₃), w₂, ∂C/∂a₅. */
export function factorName(step: Step, first: boolean, nudge: Nudge, fused: boolean): string {
  const { of, layer } = step;
  if (of === "C") return `∂C/∂${quantityName(fused ? "z" : "a", layer)}`;
  if (of === "a") return `σ′(z${subscript(layer)})`;
  if (!first || nudge.what === "x") return `w${subscript(layer)}`;
  if (nudge.what.startsWith("b")) return "1";
  const before = neuronOf(nudge) - 1;
  return before === 0 ? "x" : `a${subscript(before)}`;
}

export function subscript(n: number): string {
  return Array.from(String(n), (d) => "₀₁₂₃₄₅₆₇₈₉"[Number(d)]).join("");
}
