// Parameters by name: "w1*3*402" in the address, w¹[3, 402] on the page.

export interface Parameter {
  readonly array: string;
  readonly index: readonly number[];
}

export function parameterOf(text: string): Parameter {
  const [array = "", ...index] = text.split("*");
  return { array, index: index.map(Number) };
}

export function parameterText({ array, index }: Parameter): string {
  return [array, ...index].join("*");
}

/** w¹, b². */
export function arrayName(array: string): string {
  return array.replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)] ?? d);
}

export function parameterName(text: string): string {
  const { array, index } = parameterOf(text);
  return `${arrayName(array)}[${index.join(", ")}]`;
}

/** Where an entry stands in the numbers of its array, row by row. */
export function placeIn(shape: readonly number[], index: readonly number[]): number {
  return index.length > 1 ? (index[0] ?? 0) * (shape[1] ?? 1) + (index[1] ?? 0) : (index[0] ?? 0);
}

/** The index of the entry that stands there. */
export function indexOf(shape: readonly number[], place: number): readonly number[] {
  const columns = shape[1];
  return columns === undefined ? [place] : [Math.floor(place / columns), place % columns];
}

/** w¹[3, 402], by its place. */
export function nameIn(name: string, shape: readonly number[], place: number): string {
  return `${arrayName(name)}[${indexOf(shape, place).join(", ")}]`;
}
