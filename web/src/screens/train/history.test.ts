import { expect, test } from "vitest";
import { Tensor } from "../../engine/wire";
import {
  historyOf, QUANTITIES, withReport, type Answered, type End, type History, type Point,
  type Standing,
} from "./history";

const standing: Standing = {
  status: "paused", message: "", step: 10, first: 0, last: 10, epoch: 1, batch: 10, batches: 50,
  batch_size: 5, eta: 3, seed: 0, rate: null, report: 4,
};
const terms = {
  score: "accuracy" as const, inits: ["he"], init: "he", largest_batch: 9, held_out: 7, sample: 7,
  saturated_below: 0.05,
};
const numbers = (...x: number[]): Tensor => new Tensor([x.length], Float32Array.from(x));

function point(step: number): Point {
  return {
    step, epoch: 1, eta: 3, mean: 1, recent: 1, cost: 1, sample_cost: 1, sample_score: 1, layers: {},
  };
}

function history(...steps: number[]): History {
  return { standing, terms, points: steps.map(point), ends: [] };
}

test("columns become points, and what is not a number becomes null", () => {
  const layer = Object.fromEntries(QUANTITIES.map((q, i) => [q, numbers(i, NaN)]));
  const column = numbers(0.5, 0.25);
  const answer = {
    ...standing,
    ...terms,
    points: {
      step: [0, 10], epoch: [1, 1], eta: column, mean: numbers(NaN, 0.125), recent: column,
      cost: column, sample_cost: column, sample_score: column, layers: { 1: layer },
    },
    ends: [],
  } as unknown as Answered;
  const found = historyOf(answer);
  expect(found.standing).toEqual(standing);
  expect(found.terms).toEqual(terms);
  expect(found.points.map((p) => [p.step, p.eta, p.mean])).toEqual([[0, 0.5, null], [10, 0.25, 0.125]]);
  expect(found.points[0]?.layers["1"]).toMatchObject({ nabla_w: 0, delta: 2, dead: 6 });
  expect(found.points[1]?.layers["1"]?.update).toBeNull();
});

test("a report is added, in its place", () => {
  const end: End = { step: 50, epoch: 1, cost: 1, validation: 1, score: 1 };
  const told = { ...standing, report: 5, step: 50, point: point(50), ends: [end] };
  const found = withReport(history(0, 10), told);
  expect(found?.points.map((p) => p.step)).toEqual([0, 10, 50]);
  expect(found?.ends).toEqual([end]);
  expect(found?.standing.step).toBe(50);
  const back = withReport(history(0, 10, 50), { ...standing, report: 5, point: point(20) });
  expect(back?.points.map((p) => p.step)).toEqual([0, 10, 20, 50]);
});

test("a report that was missed is noticed, and an old one is not taken", () => {
  expect(withReport(history(0), { ...standing, report: 6, point: point(50) })).toBeNull();
  const old = history(0, 10);
  expect(withReport(old, { ...standing, report: 3, point: point(5) })).toBe(old);
  expect(withReport(old, { ...standing, status: "compiling" })).toBe(old);
  expect(withReport(old, { ...standing, report: 6 })).toBeNull();
  const compiling = withReport(old, { ...standing, report: 5, status: "compiling" });
  expect(compiling?.standing.status).toBe("compiling");
  expect(compiling?.points).toBe(old.points);
});
