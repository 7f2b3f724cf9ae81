import { expect, test } from "vitest";
import cases from "./format.cases.json";
import { count, counted, percent, raised, short, signed } from "./format";

test.each(cases as [string, string][])("short(%s) is %s, as Python writes it", (x, text) => {
  expect(short(Number(x))).toBe(text);
});

test("what is not finite has a name", () => {
  expect([NaN, Infinity, -Infinity].map((x) => short(x))).toEqual(["nan", "inf", "-inf"]);
});

test("signs, thousands and shares", () => {
  expect([signed(0.5), signed(-0.5), signed(0)]).toEqual(["+0.5", "-0.5", "0"]);
  expect([count(50000), counted(1, "step"), counted(2, "step")]).toEqual([
    "50,000",
    "1 step",
    "2 steps",
  ]);
  expect(percent(0.9484)).toBe("94.8%");
});

test("a layer stands as an index above", () => {
  expect(raised("δ^12[3] = w^1[0, 2] · 3^x")).toBe("δ¹²[3] = w¹[0, 2] · 3^x");
});
