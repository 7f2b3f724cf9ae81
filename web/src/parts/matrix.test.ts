import { expect, test } from "vitest";
import { inkOn, signedColours } from "./colours";
import {
  cellAfter, cellSize, fitting, headings, partShown, revealing, spanFrom, written,
} from "./matrix-window";

const ROOM = { width: 620, height: 500 };

test("numbers stand where all columns have room for them", () => {
  expect(cellSize(10, 10, ROOM)).toEqual({ width: 58, height: 16, numbers: true });
  expect(cellSize(10, 12, ROOM)).toEqual({ width: 49, height: 16, numbers: true });
  expect(cellSize(2048, 1, ROOM).numbers).toBe(true);
  expect(cellSize(30, 15, ROOM)).toEqual({ width: 30, height: 16, numbers: false });
});

test("a large matrix keeps cells that can be pointed at, and shows a part", () => {
  const cell = cellSize(2048, 2048, ROOM);
  expect(cell).toEqual({ width: 6, height: 6, numbers: false });
  expect(fitting(2048, cell.width, 590)).toBe(98);
  expect(fitting(10, cell.width, 590)).toBe(10);
  expect(fitting(10, 56, 20)).toBe(1);
});

test("a number is written in as many digits as its cell has room for", () => {
  const texts = [0.000265, -1.466e-5, -68200, 1.2345, 0, NaN];
  expect(texts.map((x) => written(x, 58))).toEqual([
    "0.000265", "-1.47e-05", "-6.8e+04", "1.23", "0", "nan",
  ]);
  expect(written(-0.000895, 46)).toBe("-0.0009");
  expect(written(-1.466e-5, 46)).toBe("-1e-05");
});

test("what is in view never leaves the axis", () => {
  expect(spanFrom(-3, 10, 30)).toEqual({ from: 0, to: 10 });
  expect(spanFrom(25, 10, 30)).toEqual({ from: 20, to: 30 });
  expect(spanFrom(4.4, 10, 30)).toEqual({ from: 4, to: 14 });
  expect(spanFrom(5, 30, 30)).toEqual({ from: 0, to: 30 });
});

test("an index comes into view: the next one by one cell, a far one in the middle", () => {
  const span = { from: 10, to: 20 };
  expect([9, 10, 19, 20, 500, 3].map((i) => revealing(i, span))).toEqual([
    9, 10, 10, 11, 495, 0,
  ]);
});

test("the part in view is said, and nothing where all is", () => {
  const all = { from: 0, to: 30 };
  expect(partShown(all, { from: 200, to: 300 }, [30, 784])).toBe("columns 200 to 299 of 784");
  expect(partShown({ from: 3, to: 9 }, { from: 0, to: 2 }, [30, 4])).toBe(
    "rows 3 to 8 of 30, columns 0 to 1 of 4",
  );
  expect(partShown(all, { from: 0, to: 10 }, [30, 10])).toBe("");
  expect(partShown(all, { from: 0, to: 1 }, [64, 1])).toBe("0 to 29 of 64");
});

const SIZE = [30, 784] as const;
const press = (key: string, ctrlKey = false, row = 5, column = 7) =>
  cellAfter({ key, ctrlKey }, { row, column }, SIZE, 12);

test("arrow keys move by one cell and stop at the edge", () => {
  expect(press("ArrowUp")).toEqual({ row: 4, column: 7 });
  expect(press("ArrowDown")).toEqual({ row: 6, column: 7 });
  expect(press("ArrowLeft")).toEqual({ row: 5, column: 6 });
  expect(press("ArrowRight")).toEqual({ row: 5, column: 8 });
  expect(press("ArrowUp", false, 0, 0)).toEqual({ row: 0, column: 0 });
  expect(press("ArrowRight", false, 29, 783)).toEqual({ row: 29, column: 783 });
});

test("Home, End and pages", () => {
  expect(press("Home")).toEqual({ row: 5, column: 0 });
  expect(press("End")).toEqual({ row: 5, column: 783 });
  expect(press("Home", true)).toEqual({ row: 0, column: 0 });
  expect(press("End", true)).toEqual({ row: 29, column: 783 });
  expect(press("PageDown")).toEqual({ row: 17, column: 7 });
  expect(press("PageUp")).toEqual({ row: 0, column: 7 });
  expect(press("x")).toBeNull();
});

test("of a column, Home and End are its ends", () => {
  const at = (key: string) => cellAfter({ key, ctrlKey: false }, { row: 4, column: 0 }, [9, 1], 3);
  expect(at("Home")).toEqual({ row: 0, column: 0 });
  expect(at("End")).toEqual({ row: 8, column: 0 });
});

test("headings do not overlap", () => {
  expect(headings({ from: 0, to: 5 }, 16, 12)).toEqual([0, 1, 2, 3, 4]);
  expect(headings({ from: 3, to: 24 }, 6, 26)).toEqual([5, 10, 15, 20]);
  expect(headings({ from: 0, to: 2048 }, 6, 26).length).toBe(410);
});

test("text on a colour is read with a contrast of at least 4.5", () => {
  expect(inkOn("rgb(255, 255, 255)")).toBe("#000000");
  expect(inkOn("rgb(45, 0, 75)")).toBe("#ffffff");
  expect(inkOn("rgb(224, 130, 20)")).toBe("#000000");
});

test("what is not finite has a colour that can be painted", () => {
  const colour = signedColours(false, 2);
  expect(colour(NaN)).toBe(colour(0));
  expect(colour(Infinity)).toBe(colour(2));
  expect(colour(-Infinity)).toBe(colour(-2));
});
