// @vitest-environment jsdom
import { render } from "preact";
import { expect, test } from "vitest";
import { changeAt, positionOf, POSITIONS, REACHES, whatOf } from "./choice";
import { movesOf, ordinal, points, textOf, type Guess } from "./moves";
import { Symbols } from "./symbols";
import { heights, ticks } from "./ticks";

const PLACE = { layer: 2, neuron: 7, from: 3, pixel: 391 };

test("what is moved has the engine's name", () => {
  const names = (["neuron", "bias", "weight", "input"] as const).map((kind) =>
    whatOf({ kind, ...PLACE }),
  );
  expect(names).toEqual(["z[2][7]", "b[2][7]", "w[2][7, 3]", "x[391]"]);
});

test("each position of the slider is a short number, and is found again", () => {
  for (const reach of REACHES) {
    for (let i = 0; i < POSITIONS; i++) {
      expect(positionOf(changeAt(i, reach), reach)).toBe(i);
      expect(String(changeAt(i, reach)).length).toBeLessThanOrEqual(7);
    }
  }
  expect([changeAt(0, 2), changeAt(100, 2), changeAt(107, 0.5)]).toEqual([-2, 0, 0.035]);
  expect([positionOf(99, 2), positionOf(-99, 2)]).toEqual([200, 0]);
});

test("ticks are round and lie within", () => {
  expect(ticks(-2, 2, 4)).toEqual([-2, -1, 0, 1, 2]);
  expect(ticks(-0.0031, 0.0029, 4)).toEqual([-0.002, 0, 0.002]);
  expect(ticks(0, 7e-12, 4)).toEqual([0, 2e-12, 4e-12, 6e-12]);
  expect(ticks(1, 1, 4)).toEqual([]);
});

test("all of the curve is in sight, and a steep tangent does not flatten it", () => {
  const steep = heights([-1, 0, 0.5], [-100, 0, 100]);
  expect(steep.low).toBeLessThan(-1);
  expect(steep.high).toBeGreaterThan(0.5);
  expect(steep.high - steep.low).toBeLessThan(5);
  const close = heights([-1, 0, 1], [-1.1, 0, 1.1]);
  expect(close.low).toBeLessThan(-1.1);
  expect(heights([0, 0, 0], [0, 0, 0])).toEqual({ low: -1, high: 1 });
});

test("moves of a game survive the address, and nonsense is left out", () => {
  const moves = [
    { layer: 1, neuron: 7, up: false },
    { layer: 2, neuron: 4, up: true },
  ];
  expect(textOf(moves)).toBe("1.7d-2.4u");
  expect(movesOf("1.7d-2.4u")).toEqual(moves);
  expect(movesOf("")).toEqual([]);
  expect(movesOf("1.7x-2.4u")).toEqual(moves.slice(1));
});

test("ranks and points", () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 112, 103].map(ordinal)).toEqual([
    "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th", "103rd",
  ]);
  expect(points({ share: 0.256 } as Guess)).toBe(26);
});

test.each([
  ["w[2][7, 3]", "w<sup>2</sup><sub>7,3</sub>"],
  ["x[391]", "x<sub>391</sub>"],
  ["sigma'(z[1]) dz[1]", "σ′(z<sup>1</sup>) dz<sup>1</sup>"],
  ["dC/da[2] da[2]", "dC/da<sup>2</sup> da<sup>2</sup>"],
  ["The cost does not feel z[1][3]: it", "The cost does not feel z<sup>1</sup><sub>3</sub>: it"],
])("%s is written with its layer above and its index below", (text, html) => {
  const place = document.createElement("div");
  render(<Symbols text={text} />, place);
  expect(place.querySelector(".symbols")?.innerHTML).toBe(html);
});
