// The chain itself: input, neurons with their weights between them, and the cost.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { short } from "../../format";
import { subscript } from "./formula";
import { neuronX, type Columns } from "./geometry";
import type { ChainNumbers, Step } from "./numbers";

const HEIGHT = 70;
const LINE = 31; // where the neurons stand
const ROOM = 54; // a column of this width has room for a number

interface NeuronsProps {
  readonly numbers: ChainNumbers;
  readonly columns: Columns;
  /** The neuron that is looked at. */
  readonly at: number;
  readonly setAt: (neuron: number) => void;
  /** The step of the cascade that is looked at. */
  readonly step: Step | undefined;
}

/** One neuron can be chosen, with the mouse or with arrow keys. */
export function Neurons({ numbers, columns, at, setAt, step }: NeuronsProps): JSX.Element {
  const { neurons, column, width } = columns;
  const row = useRef<HTMLDivElement>(null);
  const radius = Math.min(17, column * 0.3);
  const go = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -neurons, End: neurons }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = Math.max(1, Math.min(neurons, at + by));
    setAt(next);
    row.current?.querySelectorAll<HTMLElement>("button")[next - 1]?.focus();
  };
  return (
    <div class="chain-neurons" style={{ height: `${HEIGHT}px` }}>
      <Links numbers={numbers} columns={columns} radius={radius} />
      <div ref={row} role="toolbar" aria-label="Neurons" onKeyDown={go}>
        {numbers.z.map((z, i) => (
          <Neuron
            key={i}
            number={i + 1}
            says={`z ${short(z)}, a ${short(numbers.a[i + 1] ?? NaN)}`}
            isChosen={i + 1 === at}
            isMoving={step !== undefined && step.of !== "C" && step.layer === i + 1}
            x={neuronX(columns, i + 1)}
            radius={radius}
            onChoose={setAt}
          />
        ))}
      </div>
      <span
        class={`chain-cost ${step?.of === "C" ? "moving" : ""}`}
        style={{ left: `${width - 42}px` }}
      >
        C
      </span>
    </div>
  );
}

interface NeuronProps {
  /** From 1. */
  readonly number: number;
  readonly says: string;
  readonly isChosen: boolean;
  readonly isMoving: boolean;
  readonly x: number;
  readonly radius: number;
  readonly onChoose: (neuron: number) => void;
}

function Neuron(props: NeuronProps): JSX.Element {
  const { number, says, isChosen, isMoving, x, radius, onChoose } = props;
  const [left, top, side] = [x - radius, LINE - radius, 2 * radius];
  return (
    <button
      type="button"
      tabIndex={isChosen ? 0 : -1}
      aria-pressed={isChosen}
      aria-label={`Neuron ${number}: ${says}`}
      class={isMoving ? "moving" : ""}
      onClick={() => onChoose(number)}
      style={{ left: `${left}px`, top: `${top}px`, width: `${side}px`, height: `${side}px` }}
    >
      {radius > 7 ? number : ""}
    </button>
  );
}

interface LinksProps {
  readonly numbers: ChainNumbers;
  readonly columns: Columns;
  readonly radius: number;
}

/** Lines between neurons with the weights at them, and the activations below. */
function Links({ numbers, columns, radius }: LinksProps): JSX.Element {
  const { width, column, neurons } = columns;
  const { weights, a, cost } = numbers;
  const hasRoom = column >= ROOM;
  const from = (i: number): number => (i === 0 ? 26 : neuronX(columns, i) + radius);
  return (
    <svg aria-hidden="true" width={width} height={HEIGHT}>
      {weights.map((w, i) => {
        const to = neuronX(columns, i + 1) - radius;
        return (
          <g key={i}>
            <line class="link" x1={from(i)} x2={to} y1={LINE} y2={LINE} />
            {(hasRoom || (i === 0 && column > 30)) && (
              <text x={(from(i) + to) / 2} y={LINE - 8} class="weight">
                {hasRoom && column > 116 ? `w${subscript(i + 1)} = ${short(w, 3)}` : short(w, 3)}
              </text>
            )}
            {hasRoom && (
              <text x={neuronX(columns, i + 1)} y={LINE + radius + 15} class="value">
                {short(a[i + 1] ?? NaN, 3)}
              </text>
            )}
          </g>
        );
      })}
      <line class="link" x1={from(neurons)} x2={width - 42} y1={LINE} y2={LINE} />
      <text x={16} y={LINE + 5}>x</text>
      <text x={20} y={LINE + 32} class="value">{short(a[0] ?? NaN, 3)}</text>
      <text x={width - 27} y={LINE + 32}>{short(cost, 3)}</text>
    </svg>
  );
}
