// The slope of the activation over z, with the neurons on it.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useAnswer } from "../../engine/answers";
import { short } from "../../format";
import { largest } from "../../parts/colours";
import { Pending } from "../../parts/problem";
import { useSize } from "../../parts/size";
import { TextForm } from "../../parts/text-form";
import type { ChainNumbers, Curve } from "./numbers";
import type { ChainState } from "./state";

const HEIGHT = 190;
const PAD = { left: 34, right: 10, top: 12, bottom: 34 };

interface SlopesProps {
  readonly state: ChainState;
  readonly numbers: ChainNumbers;
}

export function Slopes({ state, numbers }: SlopesProps): JSX.Element {
  const { activation } = state.chain;
  const answer = useAnswer<Curve>("chain.curve", { activation, reach: numbers.reach });
  const place = useRef<HTMLDivElement>(null);
  const { width } = useSize(place, { width: 300, height: 0 });
  const title = `Slope σ′(z) of ${activation}, and the neurons on it`;
  return (
    <figure class="chain-figure">
      <figcaption>{title}</figcaption>
      <div ref={place}>
        {answer.value ? (
          <Drawing curve={answer.value} numbers={numbers} at={state.at} width={width} />
        ) : (
          <Pending of={answer} />
        )}
      </div>
      <p class="soft">{described(numbers, activation, answer.value)}</p>
      <TextForm
        title={title}
        head={["neuron", "z", "σ′(z)"]}
        rows={() => numbers.z.map((z, i) => [String(i + 1), z, numbers.slopes[i] ?? NaN])}
      />
    </figure>
  );
}

/** The largest slope, and whether the output has another activation. */
function described(numbers: ChainNumbers, activation: string, curve?: Curve): string {
  const most = curve ? `It is at most ${short(largest(curve.slope.data), 3)} here. ` : "";
  return numbers.output === activation
    ? most
    : `${most}The output neuron is a ${numbers.output}, which belongs to the cost.`;
}

interface DrawingProps {
  readonly curve: Curve;
  readonly numbers: ChainNumbers;
  readonly at: number;
  readonly width: number;
}

function Drawing({ curve, numbers, at, width }: DrawingProps): JSX.Element {
  const { reach } = numbers;
  const top = Math.max(1e-3, largest(curve.slope.data), largest(numbers.slopes)) * 1.05;
  const bottom = Math.min(0, ...curve.slope.data) * 1.05;
  const x = (z: number): number =>
    PAD.left + (0.5 + Math.max(-1, Math.min(1, z / reach)) / 2) * (width - PAD.left - PAD.right);
  const y = (s: number): number =>
    PAD.top + ((top - s) / (top - bottom)) * (HEIGHT - PAD.top - PAD.bottom);
  const line = Array.from(curve.z.data, (z, i) => {
    return `${i ? "L" : "M"}${x(z).toFixed(1)} ${y(curve.slope.data[i] ?? 0).toFixed(1)}`;
  });
  const label = "Slope of the activation over z with a dot for each neuron: see its numbers";
  return (
    <svg class="chain-chart slopes" role="img" aria-label={label} width={width} height={HEIGHT}>
      {[0, top / 1.05].map((s) => (
        <g key={s} class="axis">
          <line x1={PAD.left} x2={width - PAD.right} y1={y(s)} y2={y(s)} />
          <text x={PAD.left - 4} y={y(s) + 4}>{short(s, 2)}</text>
        </g>
      ))}
      {[-reach, 0, reach].map((z) => (
        <text key={z} class="tick" x={x(z)} y={HEIGHT - 18}>{short(z)}</text>
      ))}
      <text class="tick" x={(PAD.left + width) / 2} y={HEIGHT - 4}>z</text>
      <path class="curve" d={line.join("")} />
      <Dots numbers={numbers} at={at} x={x} y={y} />
    </svg>
  );
}

interface DotsProps {
  readonly numbers: ChainNumbers;
  readonly at: number;
  readonly x: (z: number) => number;
  readonly y: (slope: number) => number;
}

/** The neurons on the curve. */
function Dots({ numbers, at, x, y }: DotsProps): JSX.Element {
  return (
    <>
      {numbers.z.map((z, i) => (
        <circle
          key={i}
          class={i + 1 === at ? "dot chosen" : "dot"}
          cx={x(z)}
          cy={y(numbers.slopes[i] ?? 0)}
          r={i + 1 === at ? 6 : 4}
        >
          <title>
            {`neuron ${i + 1}: z = ${short(z)}, σ′(z) = ${short(numbers.slopes[i] ?? NaN)}`}
          </title>
        </circle>
      ))}
    </>
  );
}
