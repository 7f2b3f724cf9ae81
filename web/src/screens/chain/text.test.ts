import { expect, test } from "vitest";
import cases from "./cases.json";
import { chainOf, FIRST, neuronOf, nudgeOf, nudgeText, textOf, type Chain } from "./text";

test.each(cases as unknown as [string, Chain][])("%s is read and written", (text, chain) => {
  expect(chainOf(text)).toEqual(chain);
  expect(chainOf(textOf(chain))).toEqual(chain);
});

test("what is as at first is left out", () => {
  expect(textOf(FIRST)).toBe("");
  expect(textOf({ ...FIRST, w: 100, neurons: 6, held: true })).toBe("n6*w100*h1");
  expect(textOf({ ...FIRST, ownW: { 3: -0.05 } })).toBe("3w-0.05");
});

test("parts that say nothing are passed over", () => {
  expect(chainOf("hello*n7*wmuch")).toEqual({ ...FIRST, neurons: 7 });
});

test("a nudge survives its text", () => {
  expect(nudgeOf("b12*-0.25")).toEqual({ what: "b12", by: -0.25 });
  expect(nudgeText({ what: "x", by: 0.1 })).toBe("x*0.1");
  expect([nudgeOf("x*0.1"), nudgeOf("b12*1")].map(neuronOf)).toEqual([0, 12]);
});
