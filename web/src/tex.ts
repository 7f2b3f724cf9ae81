// Numbers in LaTeX, as format.ts writes them in text.
import { short } from "./format";

/** A number in up to four digits: 1.2e-05 with its power of ten, close together as one factor. */
export function numberTex(x: number, digits = 4): string {
  if (x === Infinity || x === -Infinity) return x > 0 ? "\\infty" : "-\\infty";
  const [mantissa = "", exponent] = short(x, digits).split("e");
  return exponent === undefined
    ? mantissa
    : `${mantissa}\\mathord{\\times}10^{${Number(exponent)}}`;
}
