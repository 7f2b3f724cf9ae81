// The numbers of inputs and outputs that are measured. No drawing.
export const SIZES: readonly number[] = [1, 3, 10, 30, 100, 300, 1000, 3000, 10000];

/** The size in the list that is nearest, by ratio. */
export function nearestSize(n: number): number {
  const apart = (size: number): number => Math.abs(Math.log(size / Math.max(n, 1)));
  return SIZES.reduce((a, b) => (apart(b) < apart(a) ? b : a));
}
