import { expect, test } from "vitest";
import {
  hasError, isComputed, layerNear, layersOf, resultOf, stagesOf, type Stage,
} from "./sweep";

test("the sweep goes from the last layer to the first", () => {
  const texts = stagesOf(3).map((s) => `${s.label} ${resultOf(s)}`);
  expect(texts).toEqual([
    "BP1 δ³", "BP3 ∂C/∂b³", "BP4 ∂C/∂W³",
    "BP2 δ²", "BP3 ∂C/∂b²", "BP4 ∂C/∂W²",
    "BP2 δ¹", "BP3 ∂C/∂b¹", "BP4 ∂C/∂W¹",
  ]);
  expect(stagesOf(0)).toEqual([]);
});

test("each equation has its layers", () => {
  expect(layersOf("BP1", 3)).toEqual([3]);
  expect(layersOf("BP2", 3)).toEqual([2, 1]);
  expect(layersOf("BP4", 3)).toEqual([3, 2, 1]);
  expect(layersOf("BP2", 1)).toEqual([]);
});

test("a layer that an equation has not is replaced by the next one that it has", () => {
  expect(layerNear("BP1", 1, 3)).toBe(3);
  expect(layerNear("BP2", 3, 3)).toBe(2);
  expect(layerNear("BP3", 3, 3)).toBe(3);
  expect(layerNear("BP4", 99, 3)).toBe(3);
  expect(layerNear("BP4", NaN, 3)).toBe(1);
  expect(layerNear("BP2", 1, 1)).toBeNull();
});

test("what the sweep has come to is computed, and nothing else", () => {
  const known = (position: number): Stage[] =>
    stagesOf(2).filter((stage) => isComputed(stage, position, 2));
  expect(known(-1)).toEqual([]);
  expect(known(2)).toEqual(stagesOf(2).slice(0, 3));
  expect(known(5)).toEqual(stagesOf(2));
  expect([0, 2, 3].map((position) => hasError(1, position, 2))).toEqual([false, false, true]);
  expect(hasError(2, 0, 2)).toBe(true);
  expect(isComputed({ label: "BP2", layer: 2 }, 5, 2)).toBe(false);
});
