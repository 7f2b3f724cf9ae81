// The factors of the derivative as bars on a logarithmic axis, and below their product so far,
// which is the nudge on its way: predicted as a line, real as rings.
import type { JSX } from "preact";
import { short } from "../../format";
import { useOwnId } from "../../parts/own-id";
import { changeName, factorName } from "./formula";
import { barWidth, LEFT, stepX, type Columns } from "./geometry";
import { logAxis, powerText, shareOf, type LogAxis } from "./log-axis";
import type { Cascade, Step } from "./numbers";
import type { Nudge } from "./text";

const HEIGHT = 138;
const TOP = 24;
const BOTTOM = 22;

interface FactorsProps {
  readonly cascade: Cascade;
  readonly nudge: Nudge;
  readonly columns: Columns;
  /** The step that is looked at; what comes later is pale. */
  readonly position: number;
}

export function Factors({ cascade, nudge, columns, position }: FactorsProps): JSX.Element {
  const axis = logAxis(cascade.steps.map((s) => s.factor));
  const hatch = useOwnId();
  const label = `Factors of the derivative, neuron by neuron, on a logarithmic axis`;
  return (
    <svg class="chain-chart" role="img" aria-label={label} width={columns.width} height={HEIGHT}>
      <defs>
        <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse">
          <path class="hatch" d="M0 5 L5 0" />
        </pattern>
      </defs>
      <Axis axis={axis} columns={columns} title="factor" />
      {cascade.steps.map((step, i) => (
        <Bar
          key={i}
          step={step}
          name={factorName(step, i === 0, nudge, cascade.fused)}
          axis={axis}
          columns={columns}
          hatch={hatch}
          state={i === position ? "now" : i > position ? "later" : ""}
        />
      ))}
    </svg>
  );
}

interface BarProps {
  readonly step: Step;
  readonly name: string;
  readonly axis: LogAxis;
  readonly columns: Columns;
  /** The id of what marks a negative factor. */
  readonly hatch: string;
  readonly state: string;
}

/** From 1 up to a larger factor, or down to a smaller one. */
function Bar({ step, name, axis, columns, hatch, state }: BarProps): JSX.Element {
  const { factor, of } = step;
  const width = barWidth(columns);
  const x = stepX(columns, step) - width / 2;
  const [one, end] = [heightAt(axis, 1), heightAt(axis, factor)];
  const box = { x, width, y: Math.min(one, end), height: Math.max(1.5, Math.abs(one - end)) };
  const kind = of === "z" ? "weight" : "slope";
  const mark = factor === 0 ? "0" : factor < 0 ? "−" : "";
  return (
    <g class={`bar ${kind} ${state}`}>
      <title>{`${name} = ${short(factor)}`}</title>
      <rect {...box} class={factor === 0 ? "zero" : ""} />
      {factor < 0 && <rect {...box} class="negative" style={{ fill: `url(#${hatch})` }} />}
      {mark && <text x={x + width / 2} y={TOP - 4}>{mark}</text>}
      {width >= 20 && <text class="name" x={x + width / 2} y={HEIGHT - 8}>{name}</text>}
    </g>
  );
}

export function Products({ cascade, columns, position }: Omit<FactorsProps, "nudge">): JSX.Element {
  const { steps, change } = cascade;
  const seen = steps.filter((s) => s.seen);
  const axis = logAxis([...steps.map((s) => s.product), ...seen.map((s) => s.real / change)]);
  const points = steps.map((s) => [stepX(columns, s), heightAt(axis, s.product)] as const);
  const line = points.map(([x, y], i) => `${i ? "L" : "M"}${x} ${y}`).join("");
  const done = points.slice(0, position + 1).map(([x, y], i) => `${i ? "L" : "M"}${x} ${y}`);
  const label = "Product of the factors so far, and the real change per nudge, by neuron";
  return (
    <svg class="chain-chart" role="img" aria-label={label} width={columns.width} height={HEIGHT}>
      <Axis axis={axis} columns={columns} title="product so far" />
      <path class="product later" d={line} />
      <path class="product" d={done.join("")} />
      {steps.slice(0, position + 1).map((step, i) => {
        const [x, y] = points[i] as readonly [number, number];
        return (
          <g key={i} class={i === position ? "now" : ""}>
            <title>
              {`${changeName(step)}: predicted ${short(step.predicted)}, real ${short(step.real)}`}
            </title>
            <circle class="predicted" cx={x} cy={y} r={i === position ? 5 : 2.5} />
            {step.seen && (
              <circle
                class="real"
                cx={x}
                cy={heightAt(axis, step.real / change)}
                r={i === position ? 8 : 5}
              />
            )}
          </g>
        );
      })}
    </svg>
  );
}

interface AxisProps {
  readonly axis: LogAxis;
  readonly columns: Columns;
  readonly title: string;
}

function Axis({ axis, columns, title }: AxisProps): JSX.Element {
  return (
    <g class="axis">
      <text class="title" x={0} y={11}>{title}</text>
      {axis.ticks.map((power) => {
        const y = heightAt(axis, 10 ** power);
        const kind = power === 0 ? "one" : "";
        return (
          <g key={power}>
            <line class={kind} x1={LEFT - 10} x2={columns.width} y1={y} y2={y} />
            <text x={LEFT - 14} y={y + 4}>{powerText(power)}</text>
          </g>
        );
      })}
    </g>
  );
}

function heightAt(axis: LogAxis, x: number): number {
  return TOP + (1 - shareOf(axis, x)) * (HEIGHT - TOP - BOTTOM);
}
