// The error of each neuron over the depth, for every activation at once.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useAnswer } from "../../engine/answers";
import { short } from "../../format";
import { Pending } from "../../parts/problem";
import { useSize } from "../../parts/size";
import { TextForm } from "../../parts/text-form";
import { logAxis, powerText, shareOf } from "./log-axis";
import type { Depth as Errors } from "./numbers";
import type { ChainState } from "./state";

const HEIGHT = 190;
const PAD = { left: 44, right: 8, top: 12, bottom: 34 };
const TITLE = "Error |δ| of each neuron, by activation";

interface DepthProps {
  readonly state: ChainState;
  /** Whether the rest of the screen has its answer: while something is dragged it comes first. */
  readonly ready: boolean;
}

export function Depth({ state, ready }: DepthProps): JSX.Element {
  const answer = useAnswer<Errors>("chain.depth", ready ? { chain: state.text } : null);
  const place = useRef<HTMLDivElement>(null);
  const { width } = useSize(place, { width: 300, height: 0 });
  const names = Object.keys(answer.value?.delta ?? {});
  const deltas = Object.values(answer.value?.delta ?? {});
  return (
    <figure class="chain-figure">
      <figcaption>{TITLE}</figcaption>
      <div ref={place}>
        {answer.value && answer.error === undefined ? (
          <Drawing deltas={deltas} at={state.at} width={width} />
        ) : (
          <Pending of={answer} />
        )}
      </div>
      <ul class="chain-lines" aria-label={`|δ| of neuron ${state.at}`}>
        {names.map((name, i) => (
          <li key={name}>
            <svg aria-hidden="true" width="26" height="10">
              <path class={`line look-${i}`} d="M1 5 H25" />
            </svg>{" "}
            {name} {short(Math.abs(deltas[i]?.[state.at - 1] ?? NaN), 2)}
          </li>
        ))}
      </ul>
      <TextForm
        title={TITLE}
        head={["neuron", ...names]}
        rows={() => (deltas[0] ?? []).map((_, l) => [l + 1, ...deltas.map((d) => d[l] ?? NaN)])}
      />
    </figure>
  );
}

interface DrawingProps {
  readonly deltas: readonly (readonly number[])[];
  readonly at: number;
  readonly width: number;
}

function Drawing({ deltas, at, width }: DrawingProps): JSX.Element {
  const axis = logAxis(deltas.flat());
  const last = Math.max(1, (deltas[0]?.length ?? 1) - 1);
  const x = (i: number): number => PAD.left + 8 + (i / last) * (width - PAD.left - PAD.right - 16);
  const y = (d: number): number =>
    PAD.top + (1 - shareOf(axis, d)) * (HEIGHT - PAD.top - PAD.bottom);
  return (
    <svg
      class="chain-chart"
      role="img"
      aria-label={`${TITLE}: see its numbers`}
      width={width}
      height={HEIGHT}
    >
      {axis.ticks.map((power) => (
        <g key={power} class="axis">
          <line x1={PAD.left} x2={width - PAD.right} y1={y(10 ** power)} y2={y(10 ** power)} />
          <text x={PAD.left - 4} y={y(10 ** power) + 4}>{powerText(power)}</text>
        </g>
      ))}
      <line class="here" x1={x(at - 1)} x2={x(at - 1)} y1={PAD.top} y2={HEIGHT - PAD.bottom} />
      {[0, last].map((i) => (
        <text key={i} class="tick" x={x(i)} y={HEIGHT - 18}>{i + 1}</text>
      ))}
      <text class="tick" x={(PAD.left + width) / 2} y={HEIGHT - 4}>neuron</text>
      {deltas.map((delta, i) => <path key={i} class={`line look-${i}`} d={lineOf(delta, x, y)} />)}
    </svg>
  );
}

/** A line with gaps where the error is 0, which has no place on a logarithmic axis. */
function lineOf(
  delta: readonly number[],
  x: (i: number) => number,
  y: (d: number) => number,
): string {
  return delta
    .map((d, i) => (d === 0 ? "" : `${delta[i - 1] ? "L" : "M"}${x(i)} ${y(d)}`))
    .join("");
}
