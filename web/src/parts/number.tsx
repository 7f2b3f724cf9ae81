import type { JSX } from "preact";
import { short, signed } from "../format";

interface NumProps {
  readonly x: number;
  /** A value is blue, a derivative vermilion, as in all drawings. */
  readonly kind?: "value" | "gradient" | "plain";
  readonly sign?: boolean;
}

/** One number in up to four digits; all that float32 knows of it in its title. */
export function Num({ x, kind = "plain", sign = false }: NumProps): JSX.Element {
  return (
    <span class={`num ${kind}`} title={String(Number(x.toPrecision(8)))}>
      {sign ? signed(x) : short(x)}
    </span>
  );
}
