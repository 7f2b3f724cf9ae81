// A logarithmic axis of magnitudes: its range, where a number stands, and what is written there.

export interface LogAxis {
  /** Powers of ten at both ends. */
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

const MOST_TICKS = 5;

/** An axis that holds the magnitudes of all numbers but zeros, and the number 1. */
export function logAxis(numbers: readonly number[]): LogAxis {
  const powers = numbers.map((x) => Math.log10(Math.abs(x))).filter(Number.isFinite);
  const low = Math.floor(Math.min(-1, ...powers));
  const high = Math.ceil(Math.max(0, ...powers));
  const by = Math.ceil((high - low) / (MOST_TICKS - 1));
  const first = Math.ceil(low / by) * by;
  const count = Math.floor((high - first) / by) + 1;
  return { low, high, ticks: Array.from({ length: count }, (_, i) => first + i * by) };
}

/** Where a magnitude stands, from 0 at the low end to 1; zero stands at the low end. */
export function shareOf({ low, high }: LogAxis, x: number): number {
  const power = Math.log10(Math.abs(x));
  return Number.isFinite(power) ? Math.max(0, Math.min(1, (power - low) / (high - low))) : 0;
}

/** A power of ten as it is written at an axis: 100, 1, 0.01, 10⁻⁵. */
export function powerText(power: number): string {
  if (power >= -2 && power <= 3) return String(Number((10 ** power).toPrecision(1)));
  const digits = Array.from(String(Math.abs(power)), (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]).join("");
  return `10${power < 0 ? "⁻" : ""}${digits}`;
}
