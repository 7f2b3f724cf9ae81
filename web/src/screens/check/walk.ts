// Where a key leads in the picture of an array: from cell to cell, and through what was compared.
import type { Cells } from "./cells";
import { placeIn } from "./parameter";

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};

/**
 * The place that a key leads to from another one; null for other keys. Page Up and Page Down go to
 * the compared one before and after; where there is nothing, it stays.
 */
export function placeAfter(
  key: string,
  from: number,
  cells: Cells,
  shape: readonly number[],
  errors: ArrayLike<number>,
): number | null {
  const step = STEPS[key];
  if (step) return beside(from, cells, shape, step);
  if (key === "Home") return 0;
  if (key === "End") return errors.length - 1;
  if (key === "PageDown") return compared(errors, from, 1);
  return key === "PageUp" ? compared(errors, from, -1) : null;
}

/** The next cell that way; pictures that stand side by side have a gap between. */
function beside(
  from: number,
  cells: Cells,
  shape: readonly number[],
  [right, down]: readonly [number, number],
): number {
  const [x, y] = cells.at(from);
  for (const far of [1, 2]) {
    const [column, row] = [x + far * right, y + far * down];
    if (column < 0 || row < 0 || column >= cells.columns || row >= cells.rows) return from;
    const index = cells.index(column, row);
    if (index) return placeIn(shape, index);
  }
  return from;
}

function compared(errors: ArrayLike<number>, from: number, way: 1 | -1): number {
  for (let i = from + way; i >= 0 && i < errors.length; i += way) {
    if (!Number.isNaN(errors[i])) return i;
  }
  return from;
}
