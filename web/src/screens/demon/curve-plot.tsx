// The cost along what is moved, with its tangent: dragged to move the demon's hand.
import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { short, signed } from "../../format";
import { useOwnId } from "../../parts/own-id";
import { useSize, type Room } from "../../parts/size";
import { MIDDLE, POSITIONS, within } from "./choice";
import type { Curve } from "./curve";
import { heights, ticks } from "./ticks";

interface CurvePlotProps {
  readonly curve: Curve;
  readonly position: number;
  readonly onMove: (position: number) => void;
}

const BEFORE = { width: 600, height: 180 };
const EDGE = { left: 66, right: 14, top: 8, bottom: 34 };
const LEAPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10,
  Home: -POSITIONS, End: POSITIONS,
};

export function CurvePlot({ curve, position, onMove }: CurvePlotProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const room = useSize(place, BEFORE);
  const axes = useMemo(() => axesOf(curve, room), [curve, room]);
  const fixed = useMemo(() => <Drawn curve={curve} axes={axes} room={room} />, [curve, axes, room]);
  const drag = (event: PointerEvent): void => {
    const area = event.currentTarget as HTMLElement;
    if (event.type === "pointerdown") area.setPointerCapture(event.pointerId);
    else if (!area.hasPointerCapture(event.pointerId)) return;
    const x = event.clientX - area.getBoundingClientRect().left;
    onMove(within(Math.round(axes.positionAt(x))));
  };
  const press = (event: KeyboardEvent): void => {
    const leap = leapOf(event);
    if (leap !== undefined) onMove(within(position + leap));
  };
  const change = curve.dz.at(position);
  return (
    <div
      ref={place}
      class="curve-area"
      role="slider"
      tabIndex={0}
      aria-label={`${curve.change} in the curve`}
      aria-valuemin={curve.dz.at(0)}
      aria-valuemax={curve.dz.at(POSITIONS - 1)}
      aria-valuenow={change}
      aria-valuetext={`${curve.change} = ${short(change)}`}
      onPointerDown={drag}
      onPointerMove={drag}
      onKeyDown={press}
    >
      <svg width={room.width} height={room.height} aria-hidden="true">
        {fixed}
        <Hand curve={curve} position={position} axes={axes} />
      </svg>
    </div>
  );
}

/** How far a key leads; the browser shall do nothing else with it. */
function leapOf(event: KeyboardEvent): number | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const leap = LEAPS[event.key];
  if (leap !== undefined) event.preventDefault();
  return leap;
}

interface Axes {
  readonly x: (position: number) => number;
  readonly y: (change: number) => number;
  readonly positionAt: (x: number) => number;
  readonly low: number;
  readonly high: number;
}

function axesOf({ real, predicted }: Curve, { width, height }: Room): Axes {
  const { low, high } = heights(real.data, predicted.data);
  const across = Math.max(1, width - EDGE.left - EDGE.right) / (POSITIONS - 1);
  const up = Math.max(1, height - EDGE.top - EDGE.bottom) / (high - low);
  return {
    x: (position) => EDGE.left + position * across,
    y: (change) => EDGE.top + (high - change) * up,
    positionAt: (x) => (x - EDGE.left) / across,
    low,
    high,
  };
}

interface DrawnProps {
  readonly curve: Curve;
  readonly axes: Axes;
  readonly room: Room;
}

/** What stays while the hand moves. */
function Drawn({ curve, axes, room }: DrawnProps): JSX.Element {
  const frame = useOwnId();
  const { x, y, low, high } = axes;
  const [left, right] = [x(0), x(POSITIONS - 1)];
  const [top, bottom] = [y(high), y(low)];
  const line = (numbers: ArrayLike<number>): string =>
    Array.from(numbers, (n, i) => `${x(i).toFixed(1)},${clipped(y(n), room).toFixed(1)}`).join(" ");
  return (
    <g>
      <clipPath id={frame}>
        <rect x={left} y={top} width={right - left} height={bottom - top} />
      </clipPath>
      <Grid axes={axes} reach={curve.dz.at(POSITIONS - 1)} />
      <text x={(left + right) / 2} y={bottom + 30} text-anchor="middle">
        {curve.change}
      </text>
      <g clip-path={`url(#${frame})`}>
        <path class="zero" d={`M${left},${y(0)}H${right}`} />
        <polyline class="tangent" points={line(curve.predicted.data)} />
        <polyline class="real" points={line(curve.real.data)} />
      </g>
    </g>
  );
}

/** The lines of both axes with their numbers. */
function Grid({ axes, reach }: { readonly axes: Axes; readonly reach: number }): JSX.Element {
  const { x, y, low, high } = axes;
  const marks = [-1, -0.5, 0, 0.5, 1].map((part) => MIDDLE + part * MIDDLE);
  return (
    <>
      {ticks(low, high, 4).map((at) => (
        <g key={at}>
          <path class="grid" d={`M${x(0)},${y(at)}H${x(POSITIONS - 1)}`} />
          <text x={x(0) - 6} y={y(at) + 4} text-anchor="end">
            {at === 0 ? "0" : signed(at, 3)}
          </text>
        </g>
      ))}
      {marks.map((at) => (
        <g key={at}>
          <path class={at === MIDDLE ? "zero" : "grid"} d={`M${x(at)},${y(high)}V${y(low)}`} />
          <text x={x(at)} y={y(low) + 15} text-anchor="middle">
            {short((reach * (at - MIDDLE)) / MIDDLE, 3)}
          </text>
        </g>
      ))}
    </>
  );
}

/** Far outside of the picture lines look the same, and numbers stay small. */
function clipped(y: number, { height }: Room): number {
  return Math.max(-4 * height, Math.min(5 * height, y));
}

/** Where dz stands: on the curve, on its tangent, and the gap between. */
function Hand({ curve, position, axes }: Omit<CurvePlotProps, "onMove"> & { readonly axes: Axes }) {
  const { x, y, low, high } = axes;
  const inside = (change: number): number => y(Math.max(low, Math.min(high, change)));
  const [real, predicted] = [curve.real.at(position), curve.predicted.at(position)];
  const at = x(position);
  return (
    <g>
      <line class="hand" x1={at} x2={at} y1={y(high)} y2={y(low)} />
      <line class="gap" x1={at} x2={at} y1={inside(real)} y2={inside(predicted)} />
      <circle class="tangent" cx={at} cy={inside(predicted)} r={5} />
      <circle class="real" cx={at} cy={inside(real)} r={6} />
    </g>
  );
}
