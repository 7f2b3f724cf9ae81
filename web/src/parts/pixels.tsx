import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useDark } from "./theme";
import { inkColours, largest, signedColours } from "./colours";

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
}

/** Numbers as an image, a pixel each. */
export function Pixels(props: PixelsProps): JSX.Element {
  const { numbers, rows, columns, mode, scale, label, zoom = 4 } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = useDark();
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const most = scale ?? largest(Array.from(numbers));
    const colour = mode === "ink" ? inkColours(dark, most) : signedColours(dark, most);
    for (let i = 0; i < rows * columns; i++) {
      context.fillStyle = colour(numbers[i] ?? 0);
      context.fillRect(i % columns, Math.floor(i / columns), 1, 1);
    }
  }, [numbers, rows, columns, mode, scale, dark]);
  return (
    <canvas
      ref={canvas}
      class="pixels"
      {...(label ? { role: "img" as const, "aria-label": label } : { "aria-hidden": true })}
      width={columns}
      height={rows}
      style={{ width: `${columns * zoom}px`, height: `${rows * zoom}px` }}
    />
  );
}
