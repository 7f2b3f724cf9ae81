// Round numbers along an axis, and how much of it the curve of a nudge needs.

/** Round numbers from `low` to `high`, about as many as wanted. */
export function ticks(low: number, high: number, wanted: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [];
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((s) => s >= rough) ?? 10 * power;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

const OF_TANGENT = 0.6; // of the height of the curve is left to a tangent that leaves it

/** The heights to show: all of the curve, and so much of the tangent as does not flatten it. */
export function heights(
  real: ArrayLike<number>,
  predicted: ArrayLike<number>,
): { readonly low: number; readonly high: number } {
  const [least, most] = ends(real);
  const [lowest, highest] = ends(predicted);
  const room = OF_TANGENT * (most - least);
  const low = Math.max(Math.min(least, lowest), least - room);
  const high = Math.min(Math.max(most, highest), most + room);
  const pad = 0.08 * (high - low);
  return pad > 0 ? { low: low - pad, high: high + pad } : { low: -1, high: 1 };
}

function ends(numbers: ArrayLike<number>): [number, number] {
  let [least, most] = [0, 0]; // no change is always in sight
  for (let i = 0; i < numbers.length; i++) {
    least = Math.min(least, numbers[i] ?? 0);
    most = Math.max(most, numbers[i] ?? 0);
  }
  return [least, most];
}
