// Which cells of a matrix are in view, how large they are, and where keys lead. Pure; matrix.tsx
// draws.
import { short } from "../format";
import type { Room } from "./size";

export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** How large a cell is on the screen, and whether its number stands in it. */
export interface CellSize {
  readonly width: number;
  readonly height: number;
  readonly numbers: boolean;
}

/** Cells from..to-1 of an axis. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const GUTTER = { left: 30, top: 16 } as const; // where the headings stand
export const NUMBER = { width: 58, height: 16 } as const; // a cell that holds a number
const NARROWEST = 46; // one that holds a number of one or two digits
const LEAST = 6; // a cell narrower than this cannot be pointed at
const WIDEST = 30; // a cell of colour alone need not be wider

/** Numbers where all columns have room for them, else colours only. */
export function cellSize(rows: number, columns: number, room: Room): CellSize {
  const across = (room.width - GUTTER.left) / columns;
  if (across >= NARROWEST) {
    const width = Math.min(NUMBER.width, Math.floor(across));
    return { width, height: NUMBER.height, numbers: true };
  }
  const down = (room.height - GUTTER.top) / rows;
  return {
    width: clamp(Math.floor(across), LEAST, WIDEST),
    height: clamp(Math.floor(down), LEAST, NUMBER.height),
    numbers: false,
  };
}

// Pixels of a character at the size that numbers have in cells, in a wide font
const WIDTHS: Readonly<Record<string, number>> = { ".": 3.5, "-": 4, e: 6.8, "+": 9.2, i: 3, n: 7 };

/** A number in as many of three digits as fit into a cell. */
export function written(x: number, width: number): string {
  const texts = [3, 2, 1].map((digits) => short(x, digits));
  const long = (text: string): number => [...text].reduce((n, c) => n + (WIDTHS[c] ?? 7), 0);
  return texts.find((text) => long(text) <= width - 4) ?? texts[2] ?? "";
}

/** How many cells of an axis find room, one at least. */
export function fitting(length: number, cell: number, room: number): number {
  return clamp(Math.floor(room / cell), 1, length);
}

/** The cells in view where `first` shall be the first of them. */
export function spanFrom(first: number, shown: number, length: number): Span {
  const from = clamp(Math.round(first), 0, Math.max(0, length - shown));
  return { from, to: Math.min(length, from + shown) };
}

/** The first cell that puts `index` into view: of a near one by one, of a far one in the middle. */
export function revealing(index: number, { from, to }: Span): number {
  if (from <= index && index < to) return from;
  if (index === from - 1) return index;
  if (index === to) return from + 1;
  return Math.max(0, index - Math.floor((to - from) / 2));
}

interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
}

/** Where a key leads from a cell; null for a key that leads nowhere. Pages are those in view. */
export function cellAfter(
  { key, ctrlKey }: Press,
  { row, column }: Cell,
  [rows, columns]: readonly [number, number],
  page: number,
): Cell | null {
  const last = { row: rows - 1, column: columns - 1 };
  const wide = columns > 1;
  const to = (r: number, c: number): Cell => ({
    row: clamp(r, 0, last.row),
    column: clamp(c, 0, last.column),
  });
  switch (key) {
    case "ArrowUp":
      return to(row - 1, column);
    case "ArrowDown":
      return to(row + 1, column);
    case "ArrowLeft":
      return to(row, column - 1);
    case "ArrowRight":
      return to(row, column + 1);
    case "PageUp":
      return to(row - page, column);
    case "PageDown":
      return to(row + page, column);
    case "Home": // of a column vector, Home and End go to its ends
      return ctrlKey || !wide ? to(0, 0) : to(row, 0);
    case "End":
      return ctrlKey || !wide ? last : to(row, last.column);
    default:
      return null;
  }
}

/** The indices in view that get a heading: every 1st, 2nd, 5th, 10th ..., so that none overlap. */
export function headings({ from, to }: Span, cell: number, least: number): number[] {
  let step = 1;
  for (const factor of [2, 2.5, 2, 2, 2.5, 2, 2, 2.5, 2]) {
    if (step * cell >= least) break;
    step *= factor;
  }
  const found: number[] = [];
  for (let i = Math.ceil(from / step) * step; i < to; i += step) found.push(i);
  return found;
}

/** Which part is in view, in words; "" if all of it is. */
export function partShown(
  rows: Span,
  columns: Span,
  [height, width]: readonly [number, number],
): string {
  if (width === 1) return partOf("", rows, height);
  const words = [partOf("rows ", rows, height), partOf("columns ", columns, width)];
  return words.filter((text) => text !== "").join(", ");
}

function partOf(what: string, { from, to }: Span, length: number): string {
  return to - from < length ? `${what}${from} to ${to - 1} of ${length}` : "";
}

function clamp(x: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, x));
}
