import { expect, test } from "vitest";
import { factorName, productTex } from "./formula";
import { logAxis, powerText, shareOf } from "./log-axis";
import type { Cascade, Step } from "./numbers";
import { PRESETS } from "./presets";
import { chainOf, textOf } from "./text";
import { placeOf, VALUES } from "./values";

test("sliders stand at whole values as well as at -100 and 100, and at the next of others", () => {
  expect([VALUES[0], VALUES.at(-1), VALUES.includes(0)]).toEqual([-100, 100, true]);
  for (const x of [0.05, 1, 4, 8, -2.25, 100]) expect(VALUES[placeOf(x)]).toBe(x);
  expect(VALUES[placeOf(1e6)]).toBe(100);
  expect(VALUES[placeOf(-0.8652)]).toBe(-0.85);
  expect([...VALUES].sort((a, b) => a - b)).toEqual(VALUES);
});

test("presets are written as the page writes them, so that it knows them again", () => {
  for (const { chain } of PRESETS) expect(textOf(chainOf(chain))).toBe(chain);
});

test("a logarithmic axis holds all magnitudes and 1, with few labels", () => {
  const axis = logAxis([0.2, -25, 0, 3e-51]);
  expect([axis.low, axis.high]).toEqual([-51, 2]);
  expect(axis.ticks.length).toBeLessThanOrEqual(5);
  expect(shareOf(axis, 0)).toBe(0);
  expect(shareOf(logAxis([10, 0.1]), -1)).toBe(0.5);
  expect(logAxis([])).toEqual({ low: -1, high: 0, ticks: [-1, 0] });
  expect([2, 0, -2, -12].map(powerText)).toEqual(["100", "1", "0.01", "10⁻¹²"]);
});

function step(of: Step["of"], layer: number, factor: number): Step {
  return { of, layer, factor, product: 1, predicted: 1, real: 1, value: 1, seen: true };
}

function cascadeOf(steps: readonly Step[], fused = false): Cascade {
  return { value: 0, change: 0.1, product: 1, derivative: 1, real: 1, fused, steps };
}

test("factors of w1 begin with x, of a later weight with a, a bias's leave out their 1", () => {
  const steps = [step("z", 1, 0.8), step("a", 1, 0.25), step("z", 2, -2), step("C", 2, 0.5)];
  const { symbols, numbers } = productTex(cascadeOf(steps, true), { what: "w1", by: 0.1 });
  expect(symbols).toBe(
    String.raw`x\;\sigma'(z_{1})\;w_{2}\;\frac{\partial C}{\partial z_{2}}`,
  );
  expect(numbers).toBe(String.raw`0.8 \cdot 0.25 \cdot (-2) \cdot 0.5`);
  const later = [step("z", 3, 0.7), step("a", 3, 0.1)];
  const ofBias = productTex(cascadeOf(later), { what: "b3", by: 1 });
  expect(ofBias.symbols).toBe(String.raw`\sigma'(z_{3})`);
  expect(factorName(later[0] as Step, true, { what: "w3", by: 1 }, false)).toBe("a₂");
  expect(factorName(step("z", 1, 1), true, { what: "x", by: 1 }, false)).toBe("w₁");
});

test("long products leave out their middle", () => {
  const steps = Array.from({ length: 30 }, (_, i) => step("a", i + 1, 0.25));
  const { symbols } = productTex(cascadeOf(steps), { what: "b1", by: 0.1 });
  expect(symbols).toContain(String.raw`\ldots`);
  expect(symbols.split(String.raw`\;`)).toHaveLength(9);
});
