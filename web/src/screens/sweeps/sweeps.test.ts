import { describe, expect, it } from "vitest";
import { Tensor } from "../../engine/wire";
import type { GraphEdge, GraphNode } from "../../parts/graph-drawn";
import {
  alongPath, drawnOf, edgesOf, labelOf, nextThrough, positionOfSpot, stopOf, summedOver,
} from "./drawn";
import {
  aligned, factoredTex, factorsText, mergeTex, namesText, nameTex, sumTex,
} from "./formulas";
import { entryText, foundForward, foundReverse, nextOf, numbersOf, textOf } from "./known";
import type { Lockstep, Path, Paths, PathSum, Step, Whole } from "./questions";
import { nearestSize } from "./sizes";
import { howMeasured, milliseconds, timesText } from "./times-table";

// e = (a + b)(b + 1) at a = 2, b = 1; forward mode from b
const node = (key: string, kind: GraphNode["kind"], label: string): GraphNode => ({
  key, kind, label, detail: "", group: "", sweep: "", at: [0, 0], back: [], equation: -1, sums: [],
});
const edge = (start: string, end: string, variable: string): GraphEdge => ({
  start, end, variable, type: "float64", value: "1", at: 0, gradient: "", back: 0, magnitude: null,
});
const step = (box: string, variable: string, name: string, value: number): Step => ({
  box,
  sums: [{
    variable, name, kind: "sum", latex: [], text: [], short: String(value), brief: String(value),
    value,
  }],
});
const ESSAY: Lockstep = {
  function: "essay",
  inputs: [
    { name: "a", size: 1, shape: [], first: 0 },
    { name: "b", size: 1, shape: [], first: 1 },
  ],
  outputs: [{ name: "e", size: 1, shape: [], first: 0 }],
  n: 2,
  m: 1,
  start: 1,
  end: 0,
  start_text: "b",
  end_text: "e",
  nodes: [
    node("i0", "input", "a"), node("i1", "input", "b"), node("e0", "operation", "+\nc"),
    node("e1", "operation", "+ 1\nd"), node("e2", "operation", "×\ne"), node("o0", "output", "e"),
  ],
  edges: [
    edge("i0", "e0", "a"), edge("i1", "e0", "b"), edge("i1", "e1", "b"), edge("e0", "e2", "c"),
    edge("e1", "e2", "d"), edge("e2", "o0", "e"),
  ],
  groups: [],
  derivatives: [
    { start: "i0", end: "e0", variable: "a", text: "1" },
    { start: "e0", end: "e2", variable: "c", text: "2" },
  ],
  forward: [
    step("i0", "a", "ȧ", 0), step("i1", "b", "ḃ", 1), step("e0", "c", "ċ", 1),
    step("e1", "d", "ḋ", 1), step("e2", "e", "ė", 5),
  ],
  reverse: [
    step("e2", "e", "ē", 1), step("e1", "d", "d̄", 3), step("e0", "c", "c̄", 2),
    step("i1", "b", "b̄", 5), step("i0", "a", "ā", 2),
  ],
  jacobian: new Tensor([1, 2], Float32Array.from([2, 5])),
};
const LAST = 4;

describe("the picture of a sweep", () => {
  it("has each number from its moment on, and green operations in place of outputs", () => {
    const drawn = drawnOf(ESSAY, "reverse");
    const e = drawn.nodes.find(({ key }) => key === "e2");
    expect(e).toMatchObject({ kind: "output", at: [1, 1] });
    expect(e?.sums).toEqual([{ name: "ē", at: 1, text: "1" }]);
    expect(drawn.nodes.map(({ key }) => key)).not.toContain("o0");
    expect(drawn.edges).toHaveLength(5);
    expect(stopOf(ESSAY.reverse[1] as Step, 1)).toMatchObject({ at: 2, box: "e1" });
  });
  it("has the local derivatives that are known below its lines", () => {
    expect(edgesOf(ESSAY).map(({ gradient }) => gradient)).toEqual(["× 1", "", "", "× 2", ""]);
  });
  it("tells which lines a step sums over", () => {
    const edges = edgesOf(ESSAY);
    expect([...summedOver(edges, ESSAY.forward[4] as Step, "forward")]).toEqual([3, 4]);
    expect([...summedOver(edges, ESSAY.reverse[3] as Step, "reverse")]).toEqual([1, 2]);
  });
  it("goes where a box or a line is computed", () => {
    expect(positionOfSpot(ESSAY, "reverse", "node i1")).toBe(3);
    expect(positionOfSpot(ESSAY, "forward", "edge 3")).toBe(4);
    expect(positionOfSpot(ESSAY, "reverse", "edge 3")).toBe(2);
    expect(positionOfSpot(ESSAY, "forward", "node nowhere")).toBe(-1);
  });
  it("says what a step finds", () => {
    expect(labelOf(ESSAY.forward[2] as Step)).toBe("ċ = 1");
    expect(aligned(["x", "1 + 1", "2"])).toBe("\\begin{aligned}x &= 1 + 1 \\\\ &= 2\\end{aligned}");
  });
});

describe("what is known", () => {
  const nothing = new Set<number>();
  it("is a column of the derivatives after a forward sweep", () => {
    const half = foundForward(ESSAY, nothing, 3);
    expect([half.sweeps, half.of, half.known, half.all]).toEqual([0, 2, 0, 2]);
    const one = foundForward(ESSAY, nothing, LAST);
    expect([one.sweeps, one.known, one.knows(0, 0), one.knows(0, 1)]).toEqual([1, 1, false, true]);
    expect(foundForward(ESSAY, new Set([0]), LAST).known).toBe(2);
    expect(foundForward(ESSAY, new Set([0, 7]), LAST).sweeps).toBe(2);
  });
  it("is all after one reverse sweep, entry by entry", () => {
    expect([2, 3, 4].map((at) => foundReverse(ESSAY, nothing, at).known)).toEqual([0, 1, 2]);
    expect(foundReverse(ESSAY, nothing, 3).sweeps).toBe(0);
    expect(foundReverse(ESSAY, nothing, LAST).sweeps).toBe(1);
  });
  it("is kept in the address", () => {
    expect(textOf(numbersOf("2;0;x;"))).toBe("0;2");
    expect([nextOf(new Set([0, 1]), 3), nextOf(new Set([0]), 1)]).toEqual([2, null]);
  });
  it("names entries", () => {
    const W = { name: "W", size: 6, shape: [2, 3], first: 4 };
    expect([entryText([W], 9), entryText([W], 4), entryText([W], 10)]).toEqual([
      "W[1, 2]", "W[0, 0]", "",
    ]);
  });
});

const whole = (n: number): Whole => ({ text: String(n), short: String(n), few: true });
const PATHS: readonly Path[] = [
  { names: ["b", "d", "e"], boxes: ["i1", "e1", "e2"], factors: [1, 3], product: 3 },
  { names: ["b", "c", "e"], boxes: ["i1", "e0", "e2"], factors: [1, -2], product: -2 },
];
const SUM: PathSum = {
  from: "b", to: "e", gradient: 1, count: whole(2), absolute: 5, factored: whole(3),
  unfactored: whole(3), paths: PATHS, rest: 0, left_out: whole(0),
};

describe("paths", () => {
  it("light their boxes and lines", () => {
    const { boxes, lines } = alongPath(ESSAY.edges, PATHS[0]);
    expect([...boxes]).toEqual(["i1", "e1", "e2"]);
    expect([...lines]).toEqual([2, 4]);
    expect(alongPath(ESSAY.edges, undefined).lines.size).toBe(0);
  });
  it("are found by what is clicked", () => {
    const of = { paths: PATHS };
    expect(nextThrough(of, ESSAY.edges, "node e0", 0)).toBe(1);
    expect(nextThrough(of, ESSAY.edges, "edge 4", 1)).toBe(0);
    expect(nextThrough(of, ESSAY.edges, "node i0", 1)).toBe(1);
    expect(nextThrough(of, ESSAY.edges, "node e2", 0)).toBe(1);
  });
  it("are written out, long ones shortened", () => {
    expect(namesText(["a", "b"])).toBe("a → b");
    expect(namesText([..."abcdefghijkl"])).toBe("a → b → c → d → e → (2 more) → h → i → j → k → l");
    expect([factorsText([1, -2]), factorsText([]), factorsText(Array(11).fill(1))]).toEqual([
      "1 · (-2)", "1", "product of 11",
    ]);
  });
  it("are formulas", () => {
    const paths: Paths = {
      ...ESSAY, ...SUM, variables: [], start: 1, end: 4, merges: [], factors: [],
    };
    expect(sumTex(paths)).toBe(
      "\\begin{aligned}\\frac{\\partial e}{\\partial b} &= 1 \\cdot 3 + 1 \\cdot (-2)" +
        " \\\\ &= 1\\end{aligned}",
    );
    const factored = factoredTex(paths, [SUM, { ...SUM, gradient: -1 }]);
    expect(factored).toContain("\\underbrace{(3 - 2)}_{b \\to e}");
    expect(factored).toContain("&= 1 \\cdot (-1)");
    const merge = { name: "b", end: "e", total: 5, uses: [
      { to: "c", derivative: 1, cotangent: 2 }, { to: "e", derivative: 3, cotangent: 1 },
    ] };
    expect(mergeTex(merge)).toContain("&= 2 \\cdot 1 + 3 \\\\ &= 5");
  });
  it("have names in LaTeX", () => {
    expect(["v₁₂", "W1[0, 3]", "x", "cost_1", "θ"].map(nameTex)).toEqual([
      "v_{12}", "W_{1}[0, 3]", "x", "\\mathit{cost\\_1}", "θ",
    ]);
  });
});

describe("times", () => {
  it("are written with the digits that they have", () => {
    expect([0.01234, 0.1432, 2.345, 1236.4, 12345].map(milliseconds)).toEqual([
      "0.0123 ms", "0.143 ms", "2.35 ms", "1,236 ms", "12.3 s",
    ]);
    expect([8500.4, 0.0543].map(timesText)).toEqual(["8,500", "0.054"]);
  });
  it("say how they were measured", () => {
    const timing = { sweeps: 10000, measured: 50, runs: 0, milliseconds: 1, each: 1 };
    expect(howMeasured(timing)).toBe("measured 50 of 10,000, times 200");
    expect(howMeasured({ ...timing, runs: 7 })).toBe("median of 7 runs");
    expect(howMeasured({ ...timing, runs: 1 })).toBe("one run");
  });
  it("are there for some sizes", () => {
    expect([0, 4, 20, 1e6].map(nearestSize)).toEqual([1, 3, 30, 10000]);
  });
});
