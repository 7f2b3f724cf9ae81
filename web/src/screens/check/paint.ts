// The cells of an array of parameters, painted. What is wrong can be told without its colour: by a
// cross, in the cell or over one that is too small for it, and by stripes where such are many.
import type { Cells } from "./cells";
import { shade, shadesOf } from "./shade";

const CROSSED = 9; // px of a cell that has room for a cross
const MANY = 150; // crosses over small cells would hide each other
const STRIPES = 5; // px from one to the next

export type Mark = "cross" | "cross over" | "stripes";

/** How wrong cells of a size are marked. */
export function markOf(errors: ArrayLike<number>, zoom: number): Mark {
  if (zoom >= CROSSED) return "cross";
  const wrong = Array.from(errors).reduce((n, error) => n + Number(error < 0), 0);
  return wrong > MANY ? "stripes" : "cross over";
}

interface Painted {
  readonly cells: Cells;
  /** Negative where it is wrong, NaN where nothing was compared. */
  readonly errors: ArrayLike<number>;
  /** The place of the one that is looked at, if it is here. */
  readonly at: number | null;
  readonly colour: (name: string) => string;
}

type Context = CanvasRenderingContext2D;

export function paintCells(context: Context, { cells, errors, at, colour }: Painted): void {
  const { zoom, rows, columns } = cells;
  const shades = shadesOf(colour);
  const size = zoom > 5 ? zoom - 1 : zoom;
  context.clearRect(0, 0, columns * zoom, rows * zoom);
  for (let place = 0; place < errors.length; place++) {
    const [x, y] = cells.at(place);
    context.fillStyle = shade(shades, errors[place] ?? NaN);
    context.fillRect(x * zoom, y * zoom, size, size);
  }
  const mark = markOf(errors, zoom);
  for (let place = 0; place < errors.length; place++) {
    if (!((errors[place] ?? NaN) < 0)) continue;
    const corner = cells.at(place).map((i) => i * zoom) as [number, number];
    if (mark === "stripes") stripes(context, corner, size, colour("ink"));
    else if (mark === "cross") cross(context, corner, [3, zoom - 4], colour("paper"), 1.5);
    else crossOver(context, corner, zoom / 2, colour);
  }
  if (at !== null) ring(context, cells.at(at), zoom, colour("ink"));
}

type Corner = readonly [number, number];

/** From `from` to `to`, counted from the corner of a cell. */
function cross(
  context: Context,
  [x, y]: Corner,
  [from, to]: Corner,
  colour: string,
  width: number,
): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(x + from, y + from);
  context.lineTo(x + to, y + to);
  context.moveTo(x + to, y + from);
  context.lineTo(x + from, y + to);
  context.stroke();
}

/** Larger than its cell, with a rim that sets it off. */
function crossOver(
  context: Context,
  corner: Corner,
  middle: number,
  colour: (name: string) => string,
): void {
  cross(context, corner, [middle - 3.5, middle + 3.5], colour("paper"), 4);
  cross(context, corner, [middle - 3, middle + 3], colour("backward-line"), 2);
}

/** Stripes that go on from cell to cell. */
function stripes(context: Context, [left, top]: Corner, size: number, ink: string): void {
  context.fillStyle = ink;
  for (let y = top; y < top + size; y++) {
    const first = left + ((STRIPES - ((left + y) % STRIPES)) % STRIPES);
    for (let x = first; x < left + size; x += STRIPES) context.fillRect(x, y, 1, 1);
  }
}

/** A box in a cell, or around one that is too small for it. */
function ring(context: Context, [column, row]: Corner, zoom: number, ink: string): void {
  const size = Math.max(zoom - 3, 9);
  const [x, y] = [(column + 0.5) * zoom - size / 2 - 0.5, (row + 0.5) * zoom - size / 2 - 0.5];
  context.strokeStyle = ink;
  context.lineWidth = 2;
  context.strokeRect(Math.max(1, x), Math.max(1, y), size, size);
}
