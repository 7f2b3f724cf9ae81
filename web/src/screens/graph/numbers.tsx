// All numbers of one variable.
import type { JSX } from "preact";
import { Tensor } from "../../engine/wire";
import { TextForm } from "../../parts/text-form";

interface NumbersProps {
  readonly title: string;
  readonly short: string;
  /** Null if they are too many to be sent. */
  readonly numbers: number | boolean | Tensor | null;
  readonly kind: "value" | "gradient";
}

/** "c = 3"; of an array a summary, and all its numbers to open. */
export function ArrayNumbers({ title, short, numbers, kind }: NumbersProps): JSX.Element {
  return (
    <>
      <p>
        {title} = <span class={kind}>{short}</span>
      </p>
      {numbers instanceof Tensor && (
        <TextForm title={title} head={headOf(numbers)} rows={() => rowsOf(numbers)} />
      )}
      {numbers === null && <p class="soft">too many numbers to be listed here</p>}
    </>
  );
}

/** A matrix has a column for each of its columns, if they are few; else each number has a row. */
const COLUMNS = 12;

function isTable({ shape }: Tensor): boolean {
  return shape.length === 2 && (shape[1] ?? 0) <= COLUMNS;
}

export function headOf(x: Tensor): readonly string[] {
  if (!isTable(x)) return ["entry", "number"];
  return ["row", ...Array.from({ length: x.shape[1] ?? 0 }, (_, j) => `column ${j}`)];
}

export function rowsOf(x: Tensor): readonly (readonly (string | number)[])[] {
  if (isTable(x)) {
    return Array.from({ length: x.shape[0] ?? 0 }, (_, i) => [`[${i}]`, ...x.row(i)]);
  }
  return Array.from(x.data, (number, i) => [`[${indexOf(i, x.shape).join(", ")}]`, number]);
}

/** Where entry `place` of an array stands. */
export function indexOf(place: number, shape: readonly number[]): readonly number[] {
  const index: number[] = [];
  let rest = place;
  for (const n of [...shape].reverse()) {
    index.unshift(rest % n);
    rest = Math.floor(rest / n);
  }
  return index;
}
