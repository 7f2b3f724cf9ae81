// The colour of a parameter by its relative error: blue where it agrees, vermilion where it is
// wrong, the darker the larger; what was not compared is grey.
import { interpolateRgb } from "d3-interpolate";

const FIRST = -14; // powers of ten
const LAST = 0;

export interface Shades {
  readonly right: (t: number) => string;
  readonly wrong: (t: number) => string;
  readonly none: string;
}

export function shadesOf(colour: (name: string) => string): Shades {
  return {
    right: interpolateRgb(colour("paper") || "#fff", colour("input-line") || "#0072b2"),
    wrong: interpolateRgb(colour("backward") || "#fdf0e8", colour("backward-line") || "#d55e00"),
    none: interpolateRgb(colour("paper") || "#fff", colour("frame-line") || "#b6bec7")(0.45),
  };
}

/** `error` is negative where it is more than what is allowed, NaN where nothing was compared. */
export function shade(shades: Shades, error: number): string {
  if (Number.isNaN(error)) return shades.none;
  const power = Math.log10(Math.abs(error));
  const t = Math.max(0, Math.min(1, (power - FIRST) / (LAST - FIRST)));
  return error < 0 ? shades.wrong(0.4 + 0.6 * t) : shades.right(0.12 + 0.73 * t);
}
