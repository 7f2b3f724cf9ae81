// How an answer travels; the other side is src/chainrule/explorer/wire.py.

/** An array of the engine: float32 numbers, row by row. */
export class Tensor {
  constructor(
    readonly shape: readonly number[],
    readonly data: Float32Array,
  ) {}

  /** The number at an index, one integer for each axis. */
  at(...index: number[]): number {
    let place = 0;
    this.shape.forEach((n, axis) => (place = place * n + (index[axis] ?? 0)));
    return this.data[place] ?? NaN;
  }

  /** Row `i` of a matrix, without a copy. */
  row(i: number): Float32Array {
    const width = this.shape[1] ?? 1;
    return this.data.subarray(i * width, (i + 1) * width);
  }
}

export function decode(bytes: ArrayBuffer): unknown {
  const head = new DataView(bytes).getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(bytes, 4, head));
  const floats = new Float32Array(bytes, 4 + head);
  return JSON.parse(text, (_, x: unknown) => revived(x, floats)) as unknown;
}

/** What an event tells, out of JSON. */
export function factsOf(text: string): Readonly<Record<string, unknown>> {
  const none = new Float32Array();
  return JSON.parse(text, (_, x: unknown) => revived(x, none)) as Record<string, unknown>;
}

function revived(x: unknown, floats: Float32Array): unknown {
  if (typeof x !== "object" || x === null) return x;
  if ("$float" in x) return { nan: NaN, inf: Infinity, "-inf": -Infinity }[String(x.$float)];
  if (!("$tensor" in x)) return x;
  const [first, shape] = x.$tensor as [number, number[]];
  const size = shape.reduce((n, m) => n * m, 1);
  return new Tensor(shape, floats.subarray(first, first + size));
}
