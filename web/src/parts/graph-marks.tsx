// What is drawn of a box, a line and the frame of an open group. Texts end with a blank, so that
// they are apart where they are read.
import type { JSX } from "preact";
import type { GraphNode } from "./graph-drawn";
import {
  headOf, LABEL, pathOf, ROW, SMALL, type Box, type Direction, type Frame, type Line,
} from "./graph-layout";
import { gradientOn, hasGradient, stateOf, sumsAt, valueOn, widthOf } from "./graph-moments";
import { cornerOf, type Spot } from "./graph-walking";

export interface Mark {
  readonly moment: number;
  readonly focused: Spot;
}

interface BoxProps extends Mark {
  readonly box: Box;
  readonly isNow: boolean;
  readonly isLit: boolean;
}

export function BoxMark({ box, moment, focused, isNow, isLit }: BoxProps): JSX.Element {
  const { node, width, height, lines } = box;
  const spot = `node ${node.key}`;
  const sums = sumsAt(node, moment);
  const state = stateOf(node, moment);
  const top = -height / 2 + ROW + 3;
  const names = ["node", node.kind, node.sweep, state, isNow ? "now" : "", isLit ? "lit" : ""];
  return (
    <g
      class={names.filter(Boolean).join(" ")}
      transform={`translate(${box.x.toFixed(1)},${box.y.toFixed(1)})`}
      tabindex={focused === spot ? 0 : -1}
      role="button"
      data-spot={spot}
      aria-label={spoken(node, state, sums.map((s) => `${s.name} = ${s.text}`))}
      aria-current={isNow ? "step" : undefined}
      aria-expanded={node.kind === "group" ? false : undefined}
    >
      <title>{node.detail}</title>
      {node.kind === "group" && <Rect width={width} height={height} off={4} />}
      <Rect width={width} height={height} off={0} />
      {lines.map((line, i) => (
        <text key={i} class={i === 0 ? "name" : "small"} y={top + i * ROW}>
          {`${line} `}
        </text>
      ))}
      {sums.map((sum, i) => (
        <text key={sum.name} class="sum gradient" y={top + (lines.length + i) * ROW}>
          {`${sum.name} = ${sum.text} `}
        </text>
      ))}
    </g>
  );
}

function Rect({ width, height, off }: { width: number; height: number; off: number }): JSX.Element {
  const place = { x: -width / 2 + off, y: -height / 2 + off };
  return <rect class="box" {...place} width={width} height={height} rx={7} />;
}

/** What is read out: first what is written, as it is written. */
function spoken(node: GraphNode, state: string, sums: readonly string[]): string {
  const what = node.kind === "group" ? "folded group" : node.kind;
  const known = state === "waiting" ? ", not computed yet" : "";
  return `${what} ${[...node.label.split("\n"), ...sums].join(" ")}${known}`;
}

interface LineProps extends Mark {
  readonly line: Line;
  readonly number: number;
  /** What stands before its value. */
  readonly name: string;
  readonly direction: Direction;
  readonly largest: number;
  readonly carries: "" | "forward" | "backward";
  readonly isLit: boolean;
  readonly isLooked: boolean;
}

export function LineMark(props: LineProps): JSX.Element {
  const { line, moment, focused, number, carries } = props;
  const { edge } = line;
  const spot = `edge ${number}`;
  const value = valueOn(edge, moment);
  const gradient = gradientOn(edge, moment);
  const width = hasGradient(edge, moment) ? widthOf(edge.magnitude, props.largest) : 1.2;
  const isNone = width === 0;
  const head = 6.5 + width;
  const tip = line.points.at(-1) ?? { x: 0, y: 0 };
  const path = pathOf(shortened(line.points, head * 0.7, props.direction), props.direction);
  const known = moment >= edge.at ? "" : "waiting";
  const marked = [isNone ? "none" : "", props.isLit ? "lit" : "", props.isLooked ? "looked" : ""];
  const names = ["edge", known, carries, ...marked];
  const isDown = props.direction === "down";
  const { x, y } = line.label;
  return (
    <g
      class={names.filter(Boolean).join(" ")}
      tabindex={focused === spot ? 0 : -1}
      role="button"
      data-spot={spot}
      data-ends={`${edge.start} ${edge.end}`}
      aria-label={spokenLine(line, value && props.name + value, gradient)}
    >
      <title>{`${edge.variable}: ${edge.type}`}</title>
      <path class="hit" d={path} />
      <path class="line" d={path} stroke-width={(width || 1.2).toFixed(2)} />
      <polygon class="head" points={headOf(tip, head, props.direction)} />
      <text class="value" x={x} y={isDown ? y - 2 : y - 5}>
        {`${edge.value === "" ? props.name : value && props.name + value} `}
      </text>
      <text class="gradient" x={x} y={isDown ? y + ROW - 3 : y + SMALL + 4}>
        {gradient}
      </text>
    </g>
  );
}

/** The corners of a line without the end that its head covers. */
function shortened(points: Line["points"], by: number, direction: Direction): Line["points"] {
  const end = points.at(-1);
  if (!end) return points;
  const last = direction === "right" ? { x: end.x - by, y: end.y } : { x: end.x, y: end.y - by };
  return [...points.slice(0, -1), last];
}

function spokenLine({ edge }: Line, value: string, gradient: string): string {
  const told = [value && "value", gradient && "derivative"].filter(Boolean).join(" and ");
  const numbers = [value, gradient].filter(Boolean).join(" ");
  const name = `line ${edge.variable || "constant"}`;
  return told ? `${name}, ${told} ${numbers}` : `${name}, no number yet`;
}

interface FrameProps {
  readonly frame: Frame;
  readonly focused: Spot;
}

export function FrameMark({ frame }: Pick<FrameProps, "frame">): JSX.Element {
  const { x, y } = cornerOf(frame);
  return <rect class="frame" x={x} y={y} width={frame.width} height={frame.height} rx={9} />;
}

/** The title of an open group, which closes it. */
export function FrameTitle({ frame, focused }: FrameProps): JSX.Element {
  const spot = `frame ${frame.group.key}`;
  const { x, y } = cornerOf(frame);
  const { label, times } = frame.group;
  const title = times > 1 ? `${label} × ${times}` : label;
  return (
    <g
      class="frame-title"
      transform={`translate(${x.toFixed(1)},${(y - 4).toFixed(1)})`}
      tabindex={focused === spot ? 0 : -1}
      role="button"
      data-spot={spot}
      aria-expanded
      aria-label={`close group ${title}`}
    >
      <rect class="button" x={0} y={-LABEL} width={LABEL} height={LABEL} rx={3} />
      <path class="minus" d={`M3.500,${-LABEL / 2}h7`} />
      <text x={LABEL + 5} y={-3}>
        {title}
      </text>
    </g>
  );
}
