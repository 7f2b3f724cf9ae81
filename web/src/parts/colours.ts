// Colours of numbers on a canvas. Signed ones run from brown below zero to violet above: PuOr of
// ColorBrewer, which readers with any kind of colour vision can tell apart; zero is the paper.
import { interpolateRgb, piecewise } from "d3-interpolate";

type Scale = (t: number) => string;

const PUOR = {
  light: piecewise(interpolateRgb, [
    "#7f3b08", "#b35806", "#e08214", "#fdb863", "#ffffff",
    "#b2abd2", "#8073ac", "#542788", "#2d004b",
  ]),
  dark: piecewise(interpolateRgb, [
    "#fee0b6", "#fdb863", "#e08214", "#8a4a08", "#0f1318",
    "#4b3d86", "#8073ac", "#b2abd2", "#d8daeb",
  ]),
};
const INK = {
  light: interpolateRgb("#ffffff", "#1b1f24"),
  dark: interpolateRgb("#0f1318", "#e8edf2"),
};


/** The colour of `x` between -scale and scale. */
export function signedColours(dark: boolean, scale: number): Scale {
  const colours = PUOR[dark ? "dark" : "light"];
  const unit = scale > 0 ? scale : 1;
  return (x) => colours(0.5 + 0.5 * Math.max(-1, Math.min(1, x / unit)));
}

/** The colour of `x` from 0, paper, to scale, ink. */
export function inkColours(dark: boolean, scale: number): Scale {
  const colours = INK[dark ? "dark" : "light"];
  const unit = scale > 0 ? scale : 1;
  return (x) => colours(Math.max(0, Math.min(1, x / unit)));
}

/** The largest magnitude among finite numbers. */
export function largest(numbers: Iterable<number>): number {
  let most = 0;
  for (const x of numbers) if (Number.isFinite(x)) most = Math.max(most, Math.abs(x));
  return most;
}
