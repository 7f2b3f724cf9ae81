import { expect, test } from "vitest";
import { cellsOf } from "./cells";
import { markOf, paintCells } from "./paint";
import { arrayName, parameterName, parameterOf, parameterText, placeIn } from "./parameter";
import { shade } from "./shade";
import { placeAfter } from "./walk";

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

/** A canvas that notes what is painted: squares by colour, and how many lines there are. */
function noting(): { context: CanvasRenderingContext2D; squares: string[]; lines: () => number } {
  const squares: string[] = [];
  let lines = 0;
  const context = {
    fillStyle: "",
    clearRect: () => undefined,
    beginPath: () => undefined,
    moveTo: () => undefined,
    lineTo: () => undefined,
    strokeRect: () => undefined,
    stroke: () => (lines += 1),
    fillRect(this: { fillStyle: string }, ...box: number[]) {
      squares.push(`${this.fillStyle} ${box.join(" ")}`);
    },
  };
  return {
    context: context as unknown as CanvasRenderingContext2D, // the part that is used
    squares,
    lines: () => lines,
  };
}

test.each([
  ["large cells have a cross each", [4, 4], 3, 3],
  ["few small ones a cross with its rim", [20, 400], 3, 6],
])("%s", (_, shape, wrong, lines) => {
  const errors = Array.from({ length: 16 }, (__, i) => (i < wrong ? -1 : 1e-9));
  const found = noting();
  const cells = cellsOf(shape, null, 600);
  paintCells(found.context, { cells, errors, at: null, colour: () => "#000" });
  expect(found.lines()).toBe(lines);
});

test("many small ones have stripes, which lie in wrong cells alone and in all of them", () => {
  const [shape, width] = [[30, 784], 600];
  const cells = cellsOf(shape, [28, 28], width);
  const error = (i: number): number => (i < 784 ? -0.5 : i < 900 ? 1e-9 : NaN);
  const errors = Array.from({ length: 30 * 784 }, (_, i) => error(i));
  const found = noting();
  paintCells(found.context, { cells, errors, at: null, colour: (name) => `#${name}` });
  const stripes = found.squares.filter((s) => s.startsWith("#ink")).map((s) => s.split(" "));
  expect(stripes.length).toBeGreaterThan((784 * cells.zoom ** 2) / 6);
  for (const [, x, y] of stripes) {
    const cell = [Number(x), Number(y)].map((p) => Math.floor(p / cells.zoom)) as [number, number];
    const place = placeIn(shape, cells.index(...cell) ?? [NaN, NaN]);
    expect(errors[place]).toBe(-0.5);
  }
  expect(found.lines()).toBe(0);
  expect(markOf(errors, cells.zoom)).toBe("stripes");
  expect(markOf(errors, 12)).toBe("cross");
});

test("arrow keys go from cell to cell, over the gap between pictures, and stay at the rim", () => {
  const [shape, errors] = [[30, 784], new Float32Array(30 * 784).fill(NaN)];
  const cells = cellsOf(shape, [28, 28], 600);
  const across = Math.round((cells.columns + 1) / 29);
  const after = (key: string, from: number): number | null =>
    placeAfter(key, from, cells, shape, errors);
  expect(after("ArrowRight", 0)).toBe(1);
  expect(after("ArrowRight", 27)).toBe(784);
  expect(after("ArrowLeft", 784)).toBe(27);
  expect(after("ArrowDown", 27 * 28)).toBe(across * 784);
  expect([after("ArrowUp", 3), after("ArrowLeft", 28), after("a", 3)]).toEqual([3, 28, null]);
  expect([after("Home", 99), after("End", 99)]).toEqual([0, 30 * 784 - 1]);
  errors.set([1, -1], 500);
  expect([after("PageDown", 3), after("PageDown", 500), after("PageDown", 501)]).toEqual([
    500, 501, 501,
  ]);
  expect([after("PageUp", 900), after("PageUp", 500)]).toEqual([501, 500]);
});
