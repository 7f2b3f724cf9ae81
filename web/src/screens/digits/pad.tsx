import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { Pixels } from "../../parts/pixels";
import { LEVELS, withStroke, type Point } from "./ink";
import { target } from "../../parts/roving";

const WIDTH = 336; // screen pixels

interface PadProps {
  readonly ink: Uint8Array;
  readonly image: readonly [number, number];
  /** Called before a stroke changes anything. */
  readonly onBegin: () => void;
  readonly onChange: (ink: Uint8Array) => void;
}

/** Paper to draw on, with the pointer or with keys. */
export function Pad({ ink, image, onBegin, onChange }: PadProps): JSX.Element {
  const [rows, columns] = image;
  const [pen, setPen] = useState(Math.floor((rows * columns + columns) / 2));
  const last = useRef<Point | null>(null);
  const drawn = useRef(ink);
  drawn.current = ink;
  const unit = WIDTH / columns;
  const stroke = (from: Point, to: Point): void => {
    drawn.current = withStroke(drawn.current, columns, from, to);
    onChange(drawn.current);
  };
  const middle = (pixel: number): Point => [
    (pixel % columns) + 0.5,
    Math.floor(pixel / columns) + 0.5,
  ];
  const under = (event: PointerEvent): Point => [event.offsetX / unit, event.offsetY / unit];
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    onBegin();
    last.current = under(event);
    stroke(last.current, last.current);
  };
  const move = (event: PointerEvent): void => {
    if (!last.current) return;
    const to = under(event);
    stroke(last.current, to);
    last.current = to;
  };
  const pressed = (event: KeyboardEvent): void => {
    const to = event.key === " " ? pen : target(event.key, pen, rows * columns, columns);
    if (to === null) return;
    event.preventDefault();
    if (event.key === " " || event.shiftKey) {
      onBegin();
      stroke(middle(pen), middle(to));
    }
    setPen(to);
  };
  const [x, y] = middle(pen);
  return (
    <div
      class="digits-pad"
      role="application"
      tabIndex={0}
      aria-label={`Paper of ${rows} by ${columns} pixels: arrow keys move the pen, Space makes a dot, Shift with an arrow draws a line`}
      style={{ width: `${WIDTH}px`, height: `${unit * rows}px` }}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={() => (last.current = null)}
      onPointerCancel={() => (last.current = null)}
      onKeyDown={pressed}
    >
      <Pixels numbers={ink} rows={rows} columns={columns} mode="ink" scale={LEVELS} zoom={unit} label="" />
      <span class="digits-pen" style={{ left: `${x * unit}px`, top: `${y * unit}px` }} />
      <span class="unseen" role="status">
        row {Math.floor(pen / columns)}, column {pen % columns}
      </span>
    </div>
  );
}
