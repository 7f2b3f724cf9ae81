import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useDark } from "./theme";
import { inkColours, inkOn, largest, signedColours } from "./colours";

const FAINT = 0.03; // of the largest: what is nearer to zero has no sign

interface PixelsProps {
  readonly numbers: ArrayLike<number>;
  readonly rows: number;
  readonly columns: number;
  /** "ink" is from 0 to the largest; "signed" has zero in the middle. */
  readonly mode: "ink" | "signed";
  /** What stands for full colour; the largest magnitude unless given. */
  readonly scale?: number;
  /** What it shows, for those who cannot see it; "" where text beside it says so. */
  readonly label: string;
  /** Screen pixels for each number. */
  readonly zoom?: number;
  /** Whether numbers below zero have a minus sign, so that no colour is needed to tell them. */
  readonly signs?: boolean;
}

/** Numbers as an image, a pixel each. */
export function Pixels(props: PixelsProps): JSX.Element {
  const { numbers, rows, columns, mode, scale, label, zoom = 4, signs = false } = props;
  const unit = signs ? zoom : 1; // canvas pixels for each number
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = useDark();
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const most = scale ?? largest(Array.from(numbers));
    const colour = mode === "ink" ? inkColours(dark, most) : signedColours(dark, most);
    for (let i = 0; i < rows * columns; i++) {
      const x = numbers[i] ?? 0;
      const [left, top] = [(i % columns) * unit, Math.floor(i / columns) * unit];
      context.fillStyle = colour(x);
      context.fillRect(left, top, unit, unit);
      if (!signs || x > -FAINT * most) continue;
      context.fillStyle = inkOn(colour(x));
      context.fillRect(left + 0.3 * unit, top + 0.5 * unit - 1, 0.4 * unit, 1.5);
    }
  }, [numbers, rows, columns, mode, scale, dark, unit]);
  return (
    <canvas
      ref={canvas}
      class="pixels"
      {...(label ? { role: "img" as const, "aria-label": label } : { "aria-hidden": true })}
      width={columns * unit}
      height={rows * unit}
      style={{ width: `${columns * zoom}px`, height: `${rows * zoom}px` }}
    />
  );
}
