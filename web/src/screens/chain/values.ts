// The numbers that a slider for weights and biases can stand at: fine near 0, coarse far away.

const POSITIVE: readonly number[] = [
  ...steps(0.05, 2, 0.05),
  ...steps(2.25, 10, 0.25),
  ...steps(15, 100, 5),
];
export const VALUES: readonly number[] = [...POSITIVE.map((x) => -x).reverse(), 0, ...POSITIVE];

function steps(from: number, to: number, by: number): number[] {
  const count = Math.round((to - from) / by) + 1;
  return Array.from({ length: count }, (_, i) => Number((from + i * by).toFixed(2)));
}

/** The place of the value next to `x`. */
export function placeOf(x: number): number {
  let best = 0;
  VALUES.forEach((value, i) => {
    if (Math.abs(value - x) < Math.abs((VALUES[best] ?? 0) - x)) best = i;
  });
  return best;
}
