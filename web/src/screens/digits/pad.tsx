import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { Pixels } from "../../parts/pixels";
import { LEVELS, withStroke, type Point } from "./ink";
import { target } from "../../parts/roving";

const WIDTH = 336; // screen pixels
const KEYS = "Arrow keys move the pen, Space makes a dot, Shift with an arrow draws a line";

interface PadProps {
  readonly ink: Uint8Array;
  readonly image: readonly [number, number];
  /** Called before a stroke changes anything. */
  readonly onBegin: () => void;
  readonly onChange: (ink: Uint8Array) => void;
}

interface Pen {
  /** Where the keys have moved it. */
  readonly at: number;
  readonly down: (event: PointerEvent) => void;
  readonly move: (event: PointerEvent) => void;
  readonly up: () => void;
  readonly pressed: (event: KeyboardEvent) => void;
}

function usePen({ ink, image, onBegin, onChange }: PadProps): Pen {
  const [rows, columns] = image;
  const [at, setAt] = useState(Math.floor((rows * columns + columns) / 2));
  const last = useRef<Point | null>(null);
  const drawn = useRef(ink);
  drawn.current = ink;
  const unit = WIDTH / columns;
  const stroke = (from: Point, to: Point): void => {
    drawn.current = withStroke(drawn.current, columns, from, to);
    onChange(drawn.current);
  };
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
    const to = event.key === " " ? at : target(event.key, at, rows * columns, columns);
    if (to === null) return;
    event.preventDefault();
    if (event.key === " " || event.shiftKey) {
      onBegin();
      stroke(middle(at, columns), middle(to, columns));
    }
    setAt(to);
  };
  return { at, down, move, up: () => (last.current = null), pressed };
}

function middle(pixel: number, columns: number): Point {
  return [(pixel % columns) + 0.5, Math.floor(pixel / columns) + 0.5];
}

/** Paper to draw on, with the pointer or with keys. */
export function Pad(props: PadProps): JSX.Element {
  const { ink, image } = props;
  const [rows, columns] = image;
  const pen = usePen(props);
  const unit = WIDTH / columns;
  const [x, y] = middle(pen.at, columns);
  return (
    <div
      class="digits-pad"
      role="application"
      tabIndex={0}
      aria-label={`Paper of ${rows} by ${columns} pixels. ${KEYS}`}
      style={{ width: `${WIDTH}px`, height: `${unit * rows}px` }}
      onPointerDown={pen.down}
      onPointerMove={pen.move}
      onPointerUp={pen.up}
      onPointerCancel={pen.up}
      onKeyDown={pen.pressed}
    >
      <Pixels
        numbers={ink}
        rows={rows}
        columns={columns}
        mode="ink"
        scale={LEVELS}
        zoom={unit}
        label=""
      />
      <span class="digits-pen" style={{ left: `${x * unit}px`, top: `${y * unit}px` }} />
      <span class="unseen" role="status">
        row {Math.floor(pen.at / columns)}, column {pen.at % columns}
      </span>
    </div>
  );
}
