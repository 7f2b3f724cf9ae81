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
  return (x) => colours(0.5 + 0.5 * Math.max(-1, Math.min(1, known(x) / unit)));
}

/** The colour of `x` from 0, paper, to scale, ink. */
export function inkColours(dark: boolean, scale: number): Scale {
  const colours = INK[dark ? "dark" : "light"];
  const unit = scale > 0 ? scale : 1;
  return (x) => colours(Math.max(0, Math.min(1, known(x) / unit)));
}

/** What is no number has no colour. */
function known(x: number): number {
  return Number.isNaN(x) ? 0 : x;
}

/** Black or white, whichever is read better on a colour such as "rgb(9, 99, 199)". */
export function inkOn(colour: string): "#000000" | "#ffffff" {
  const [r = 0, g = 0, b = 0] = (colour.match(/\d+/g) ?? []).map((x) => {
    const c = Number(x) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  // By WCAG's contrast both are equally readable at this luminance
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff";
}

/** The largest magnitude among finite numbers. */
export function largest(numbers: Iterable<number>): number {
  let most = 0;
  for (const x of numbers) if (Number.isFinite(x)) most = Math.max(most, Math.abs(x));
  return most;
}
