import { expect, test } from "vitest";
import { hashOf, hashOfScreen, placeOf } from "./place";

test("a place survives its address", () => {
  const place = { screen: "demon", params: { example: "5:AA+/=", layer: "1" } };
  expect(placeOf(hashOf(place))).toEqual(place);
});

test("entries stand in order, and a bare address is a place too", () => {
  expect(hashOf({ screen: "graph", params: { b: "2", a: "1" } })).toBe("#/graph?a=1&b=2");
  expect(placeOf("")).toEqual({ screen: "", params: {} });
  expect(placeOf("#/chain")).toEqual({ screen: "chain", params: {} });
});

test("another screen keeps all else", () => {
  expect(hashOfScreen(placeOf("#/graph?example=8"), "demon")).toBe("#/demon?example=8");
});
