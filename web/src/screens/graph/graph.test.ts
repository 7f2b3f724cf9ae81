import { describe, expect, test } from "vitest";
import { Tensor } from "../../engine/wire";
import type { GraphEdge, GraphNode, Stop } from "../../parts/graph-drawn";
import { headOf, layoutOf, namesOn, pathOf, type Layout } from "../../parts/graph-layout";
import {
  gradientOn, isCarrying, stateOf, sumsAt, valueOn, widthOf,
} from "../../parts/graph-moments";
import { placesOf, walked } from "../../parts/graph-walking";
import { isInSight, scaleOf, transformOf } from "../../parts/graph-zoom";
import { headOf as headOfTable, indexOf, rowsOf } from "./numbers";
import type { Drawn } from "./questions";
import { inputsOf, inputsText, positionOf, positionOfBox, valuesAt } from "./stepping";

// e = (a + b)(b + 1) as the engine draws it; its moments: 0 given, 1-3 forward, 4 seed, 5-7 back
const b: GraphNode = node("i1", "input", "b", [0, 0], [], [
  { name: "b̄", at: 6, text: "3" },
  { name: "b̄", at: 7, text: "3 + 2 = 5" },
]);
const essay: Drawn = {
  problem: "",
  function: "essay",
  of: { key: "", text: "e", latex: "e" },
  choices: [{ key: "", text: "e" }],
  arguments: [],
  nodes: [
    node("i0", "input", "a", [0, 0], [], [{ name: "ā", at: 7, text: "2" }]),
    b,
    node("e0", "operation", "+\nc", [1, 1], [7, 7]),
    node("e1", "operation", "+ 1\nd", [2, 2], [6, 6]),
    node("e2", "operation", "×\ne", [3, 3], [5, 5]),
    node("o0", "output", "e", [3, 3], []),
  ],
  edges: [
    edge("i0", "e0", "a", "2", 0, "2", 7),
    edge("i1", "e0", "b", "1", 0, "2", 7),
    edge("i1", "e1", "b", "1", 0, "3", 6),
    edge("e0", "e2", "c", "3", 1, "2", 5),
    edge("e1", "e2", "d", "2", 2, "3", 5),
    edge("e2", "o0", "e", "6", 3, "1", 4),
  ],
  groups: [],
  all_groups: [],
  equations: 3,
  stops: [
    stop(0, "given", ""),
    stop(1, "forward", "e0"),
    stop(2, "forward", "e1"),
    stop(3, "forward", "e2"),
    stop(4, "seed", ""),
    stop(5, "backward", "e2"),
    stop(6, "backward", "e1"),
    stop(7, "backward", "e0"),
  ],
  source: {
    lines: [
      { file: "essay.py", number: 2, text: "    c = a + b", boxes: ["e0"] },
      { file: "essay.py", number: 3, text: "    d = b + 1", boxes: ["e1"] },
    ],
    values: [
      { line: 0, at: 1, name: "c", value: "3", bar: "c̄", gradient: "2", back: 5 },
      { line: 1, at: 2, name: "d", value: "2", bar: "d̄", gradient: "3", back: 5 },
    ],
  },
};

function node(
  key: string,
  kind: GraphNode["kind"],
  label: string,
  at: GraphNode["at"],
  back: GraphNode["back"],
  sums: GraphNode["sums"] = [],
): GraphNode {
  return { key, kind, label, detail: "", group: "", sweep: "", at, back, equation: -1, sums };
}

function edge(
  start: string,
  end: string,
  variable: string,
  value: string,
  at: number,
  gradient: string,
  back: number,
): GraphEdge {
  const magnitude = Math.abs(Number(gradient));
  return { start, end, variable, type: "float64", value, at, gradient, back, magnitude };
}

function stop(at: number, phase: Stop["phase"], box: string): Stop {
  return { at, phase, box, count: 1, equation: -1, label: "" };
}

function shown(moment: number): string {
  return essay.edges.map((e) => `${valueOn(e, moment)}|${gradientOn(e, moment)}`).join(" ");
}

describe("what is known at a moment", () => {
  test("values come forwards, then derivatives backwards", () => {
    expect(shown(0)).toBe("2| 1| 1| | | |");
    expect(shown(2)).toBe("2| 1| 1| 3| 2| |");
    expect(shown(4)).toBe("2| 1| 1| 3| 2| 6|1");
    expect(shown(5)).toBe("2| 1| 1| 3|2 2|3 6|1");
    expect(shown(7)).toBe("2|2 1|2 1|3 3|2 2|3 6|1");
  });

  test("a sum grows term by term", () => {
    expect(sumsAt(b, 5)).toEqual([]);
    expect(sumsAt(b, 6).map((s) => s.text)).toEqual(["3"]);
    expect(sumsAt(b, 7).map((s) => s.text)).toEqual(["3 + 2 = 5"]);
  });

  test("a box waits, is begun, is done", () => {
    const group = node("g0", "group", "layer", [2, 5], []);
    expect([1, 2, 4, 5].map((m) => stateOf(group, m))).toEqual(["waiting", "partly", "partly", "done"]);
  });

  test("a line of the source shows its newest value", () => {
    const twice = { ...essay.source.values[0]!, at: 4, value: "9" };
    const values = { ...essay.source, values: [...essay.source.values, twice] };
    const drawn = { ...essay, source: values };
    expect(valuesAt(drawn, 0).size).toBe(0);
    expect(valuesAt(drawn, 3).get(0)?.map((v) => v.value)).toEqual(["3"]);
    expect(valuesAt(drawn, 4).get(0)?.map((v) => v.value)).toEqual(["9"]);
  });

  test("the lines at the box carry something, backwards too", () => {
    const at = (i: number): string[] =>
      essay.edges.filter((e) => isCarrying(e, essay.stops[i]!)).map((e) => e.start + e.end);
    expect(at(0)).toEqual([]);
    expect(at(1)).toEqual(["i0e0", "i1e0", "e0e2"]);
    expect(at(4)).toEqual(["e2o0"]);
    expect(at(5)).toEqual(["e0e2", "e1e2", "e2o0"]);
  });
});

describe("positions", () => {
  test("a moment is kept when positions change", () => {
    expect(positionOf(essay.stops, 5)).toBe(5);
    const folded = [stop(0, "given", ""), stop(3, "forward", "g"), stop(4, "seed", ""), stop(7, "backward", "g")];
    expect([0, 2, 3, 5, 9].map((moment) => positionOf(folded, moment))).toEqual([0, 1, 1, 3, 3]);
  });

  test("a box is found in the half of the sweep that one is in", () => {
    expect(positionOfBox(essay.stops, "e0", 2)).toBe(1);
    expect(positionOfBox(essay.stops, "e0", 5)).toBe(7);
    expect(positionOfBox(essay.stops, "o0", 5)).toBe(-1);
  });
});

test("the width of a line is the logarithm of its derivative", () => {
  expect(widthOf(0, 1)).toBe(0);
  expect(widthOf(1, 1)).toBeCloseTo(3.8);
  expect(widthOf(1e-3, 1)).toBeCloseTo(2.4);
  expect(widthOf(1e-9, 1)).toBe(1);
  expect(widthOf(null, 1)).toBe(1.2);
  expect(widthOf(Infinity, 1)).toBe(3.8);
});

test("changed arguments are a text and back", () => {
  const changed = new Map([["a", [3]], ["x", [1, -2.5]]]);
  expect(inputsText(changed)).toBe("a=3;x=1 -2.5");
  expect([...inputsOf("a=3;x=1 -2.5")]).toEqual([...changed]);
  expect([...inputsOf("")]).toEqual([]);
});

describe("layout", () => {
  const right = layoutOf(essay, "right");
  const x = (layout: Layout, key: string): number => at(layout, key).x;
  const at = (layout: Layout, key: string) => layout.boxes.find((box) => box.node.key === key)!;

  test("data flows to the right, or down", () => {
    expect(x(right, "i1")).toBeLessThan(x(right, "e1"));
    expect(x(right, "e1")).toBeLessThan(x(right, "e2"));
    const down = layoutOf(essay, "down");
    expect(at(down, "e1").y).toBeLessThan(at(down, "e2").y);
  });

  test("boxes do not overlap, and all is within the picture", () => {
    for (const direction of ["right", "down"] as const) {
      const { boxes, width, height } = layoutOf(essay, direction);
      for (const one of boxes) {
        expect(one.x - one.width / 2).toBeGreaterThanOrEqual(0);
        expect(one.y + one.height / 2).toBeLessThanOrEqual(height);
        expect(one.x + one.width / 2).toBeLessThanOrEqual(width);
        for (const other of boxes) {
          if (one === other) continue;
          const apart =
            Math.abs(one.x - other.x) >= (one.width + other.width) / 2 ||
            Math.abs(one.y - other.y) >= (one.height + other.height) / 2;
          expect(apart).toBe(true);
        }
      }
    }
  });

  test("a line begins and ends at its boxes", () => {
    const line = right.lines[3]!;
    const [start, end] = [at(right, "e0"), at(right, "e2")];
    expect(line.points[0]!.x).toBeCloseTo(start.x + start.width / 2);
    expect(line.points.at(-1)!.x).toBeCloseTo(end.x - end.width / 2);
    expect(pathOf(line.points, "right")).toMatch(/^M[\d.,]+(C[\d., ]+)+$/);
  });

  test("the frame of an open group is around its boxes", () => {
    const groups = [
      { key: "g0", label: "outer", group: "", times: 1 },
      { key: "g1", label: "inner", group: "g0", times: 1 },
    ];
    const inside: Record<string, string> = { e0: "g1", e1: "g0" };
    const nodes = essay.nodes.map((n) => ({ ...n, group: inside[n.key] ?? "" }));
    const layout = layoutOf({ ...essay, nodes, groups }, "right");
    const [outer, inner] = layout.frames;
    expect([outer!.group.key, inner!.group.key]).toEqual(["g0", "g1"]);
    expect(outer!.width).toBeGreaterThan(inner!.width);
    expect(Math.abs(at(layout, "e0").x - inner!.x)).toBeLessThan(inner!.width / 2);
  });

  test("a variable is named where its box does not say it", () => {
    expect(namesOn(essay).every((name) => name === "")).toBe(true);
    const two = [...essay.edges, edge("e0", "o0", "ys", "4", 1, "1", 5)];
    expect(namesOn({ ...essay, edges: two })[3]).toBe("c = ");
    expect(namesOn({ ...essay, edges: two }).at(-1)).toBe("ys = ");
  });

  test("an arrow's head points where data flows", () => {
    expect(headOf({ x: 10, y: 5 }, 4, "right")).toBe("10.0,5.0 6.0,3.2 6.0,6.8");
    expect(headOf({ x: 10, y: 5 }, 4, "down")).toBe("10.0,5.0 8.2,1.0 11.8,1.0");
  });

  test("arrow keys go along lines, and sideways to what is near", () => {
    const places = placesOf(right);
    const go = (from: string, ...keys: string[]): string =>
      keys.reduce((spot, key) => walked(right, places, spot, key) ?? "", from);
    expect(go("node i0", "ArrowRight", "ArrowRight")).toBe("node e0");
    expect(go("node e0", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")).toBe("node o0");
    expect(go("node o0", "ArrowLeft", "ArrowLeft")).toBe("node e2");
    expect(go("node o0", "ArrowRight")).toBe("node o0");
    const vertical = x(right, "i0") === x(right, "i1") ? go("node i0", "ArrowUp") : "node i1";
    expect(vertical).not.toBe("node i0");
    expect(walked(right, places, "node i0", "Enter")).toBeNull();
  });
});

test("a picture fits, but what opens stays readable", () => {
  expect(scaleOf({ width: 400, height: 100 }, { width: 200, height: 200 }, 0.8)).toBe(0.8);
  expect(scaleOf({ width: 400, height: 100 }, { width: 200, height: 200 }, 0.04)).toBe(0.5);
  expect(scaleOf({ width: 400, height: 100 }, { width: 280, height: 200 }, 0.8)).toBe(0.7);
  expect(scaleOf({ width: 10, height: 10 }, { width: 200, height: 200 }, 0.8)).toBe(1.5);
  expect(transformOf("translate(3.5,-4) scale(0.5)")).toEqual({ x: 3.5, y: -4, k: 0.5 });
  expect(transformOf("translate(1e-7,2) scale(1)")).toEqual({ x: 1e-7, y: 2, k: 1 });
});

test("arrays as tables", () => {
  const matrix = new Tensor([2, 2], Float32Array.of(1, 2, 3, 4));
  expect(headOfTable(matrix)).toEqual(["row", "column 0", "column 1"]);
  expect(rowsOf(matrix)).toEqual([["[0]", 1, 2], ["[1]", 3, 4]]);
  const vector = new Tensor([2], Float32Array.of(5, 6));
  expect(rowsOf(vector)).toEqual([["[0]", 5], ["[1]", 6]]);
  expect(indexOf(7, [2, 2, 3])).toEqual([1, 0, 1]);
});

test("a picture that is whole in sight stays; another one moves if the place is at its rim", () => {
  const [room, place] = [{ width: 200, height: 200 }, { x: 390, y: 50 }];
  const all = { width: 400, height: 100 };
  expect(isInSight(place, { x: 0, y: 50, k: 0.5 }, all, room)).toBe(true);
  expect(isInSight(place, { x: -10, y: 50, k: 0.5 }, all, room)).toBe(false);
  expect(isInSight(place, { x: -190, y: 0, k: 0.8 }, all, room)).toBe(true);
  expect(isInSight(place, { x: 0, y: 0, k: 0.8 }, all, room)).toBe(false);
});
