import { expect, test } from "vitest";
import { numberTex } from "./tex";

test.each([
  [0.5, "0.5"], [-2, "-2"], [1.2e-5, "1.2\\mathord{\\times}10^{-5}"],
  [-3e12, "-3\\mathord{\\times}10^{12}"], [Infinity, "\\infty"], [-Infinity, "-\\infty"],
])("%s", (x, expected) => {
  expect(numberTex(x)).toBe(expected);
});

test("in fewer digits", () => {
  expect(numberTex(1.23456, 3)).toBe("1.23");
});
