// @vitest-environment jsdom
import { expect, test, vi } from "vitest";
import { placeInAddress } from "./place";

test("a choice stands in the address at once; of a drag the last place, a little later", () => {
  vi.useFakeTimers();
  vi.spyOn(performance, "now").mockImplementation(() => Date.now());
  const place = placeInAddress("#/graph");
  vi.advanceTimersByTime(120);
  const moveTo = (position: number): void => {
    place.value = { screen: "graph", params: { position: String(position) } };
  };
  moveTo(1);
  expect(location.hash).toBe("#/graph?position=1");
  moveTo(2);
  moveTo(3);
  expect(location.hash).toBe("#/graph?position=1");
  vi.advanceTimersByTime(120);
  expect(location.hash).toBe("#/graph?position=3");
  vi.advanceTimersByTime(120);
  moveTo(4);
  expect(location.hash).toBe("#/graph?position=4");
  vi.useRealTimers();
});
