import { expect, test } from "vitest";
import { cellsOf } from "./cells";
import { arrayName, parameterName, parameterOf, parameterText, placeIn } from "./parameter";
import { shade } from "./shade";

test("a parameter survives its text and has a name", () => {
  expect(parameterText(parameterOf("w1*3*402"))).toBe("w1*3*402");
  expect(parameterOf("b2*7")).toEqual({ array: "b2", index: [7] });
  expect(parameterName("w1*3*402")).toBe("w¹[3, 402]");
  expect(arrayName("w12")).toBe("w¹²");
  expect([placeIn([30, 784], [3, 402]), placeIn([30], [7])]).toEqual([3 * 784 + 402, 7]);
});

test.each([
  ["a matrix", [10, 30], null],
  ["biases in several rows", [300], null],
  ["weights whose inputs are pixels", [11, 196], [14, 14]],
  ["weights of an oblong picture", [7, 120], [10, 12]],
] as [string, number[], [number, number] | null][])("%s: a cell for each", (_, shape, tile) => {
  const cells = cellsOf(shape, tile, 600);
  const seen = new Set<string>();
  const size = shape.reduce((n, m) => n * m, 1);
  for (let place = 0; place < size; place++) {
    const [x, y] = cells.at(place);
    expect(x < cells.columns && y < cells.rows).toBe(true);
    seen.add(`${x} ${y}`);
    expect(placeIn(shape, cells.index(x, y) ?? [])).toBe(place);
  }
  expect(seen.size).toBe(size);
  expect(cells.columns * cells.zoom).toBeLessThanOrEqual(600);
});

test("between pictures there is nothing", () => {
  expect(cellsOf([30, 784], [28, 28], 600).index(28, 0)).toBe(null);
  expect(cellsOf([3], null, 600).index(3, 0)).toBe(null);
});

test("wrong, right and not compared look different, and larger errors are darker", () => {
  const named = (name: string) => (t: number) => `${name} ${t}`;
  const shades = { right: named("right"), wrong: named("wrong"), none: "-" };
  expect(shade(shades, NaN)).toBe("-");
  expect(shade(shades, -1)).toBe("wrong 1");
  expect(shade(shades, 0)).toBe("right 0.12");
  const depth = (error: number): number => Number(shade(shades, error).split(" ")[1]);
  expect(depth(1e-12)).toBeLessThan(depth(1e-6));
});
