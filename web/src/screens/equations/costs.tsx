// The output layer's error under two costs: with σ′(z) and without, and a z to drag.
import { useSignal, type Signal } from "@preact/signals";
import { Fragment, type JSX } from "preact";
import { useContext, useMemo } from "preact/hooks";
import type { Tensor } from "../../engine/wire";
import { short } from "../../format";
import { PageContext } from "../../page";
import { Formula } from "../../parts/formula";
import { Matrix, MatrixText, type MatrixProps } from "../../parts/matrix";
import { GUTTER, NUMBER } from "../../parts/matrix-window";
import { Plot, type Series } from "../../parts/plot";
import { Pending } from "../../parts/problem";
import { Slider } from "../../parts/slider";
import type { Forms } from "./choice";
import {
  useCurve, useOutput, useTwoCosts, type Curve, type Output, type TwoCosts, type UnderCost,
} from "./two-costs";

const ROOM = { width: GUTTER.left + NUMBER.width + 2, height: 12 * NUMBER.height + GUTTER.top };
const SHARED = 240; // px that the curve needs beside the matrices

interface CostsProps {
  readonly forms: Forms;
  readonly width: number;
}

export function Costs({ forms, width }: CostsProps): JSX.Element {
  const output = useOutput();
  const both = useTwoCosts(output);
  const first = useSignal(0);
  if (!both.value) return <Pending of={both} />;
  const { costs } = both.value;
  const wide = width > 2 * (3 * ROOM.width + 60) + SHARED;
  return (
    <section class={`two-costs ${wide ? "wide" : ""}`} aria-label="Two costs">
      <div class="two-costs-rows">
        {costs.map((cost, i) => (
          <OneCost
            key={cost.name}
            formula={forms.costs[i]?.formula ?? ""}
            cost={cost}
            both={both.value as TwoCosts}
            output={output}
            first={first}
          />
        ))}
      </div>
      <div class="two-costs-curve">
        <Drag output={output} />
      </div>
    </section>
  );
}

interface OneCostProps {
  readonly formula: string;
  readonly cost: UnderCost;
  readonly both: TwoCosts;
  readonly output: Output;
  readonly first: Signal<number>;
}

/** ∂C/∂a ⊙ σ′(z) = δ under one cost; an activation that mixes neurons has no σ′ to show. */
function OneCost({ formula, cost, both, output, first }: OneCostProps): JSX.Element {
  const mixes = both.slope.shape.length > 1;
  const columns: readonly [string, string, Tensor][] = [
    [`∂C/∂a, ${cost.name} cost`, "\\partial C / \\partial a", cost.delta_a],
    mixes
      ? [`a, ${cost.name} cost`, "a", both.a]
      : [`σ′(z), ${cost.name} cost`, "\\sigma'(z)", both.slope],
    [`δ, ${cost.name} cost`, "\\delta", cost.delta],
  ];
  const signs = mixes ? ["", "→"] : ["⊙", "="];
  const built = columns.map(([label, tex, numbers]) => column(label, tex, numbers, output, first));
  return (
    <div class="one-cost">
      <h2>
        {cost.name} cost, C = <span class="num">{short(cost.value)}</span>
      </h2>
      <Formula tex={formula} />
      <div class="equation-row">
        {built.map((props, i) => (
          <Fragment key={props.label}>
            {i > 0 && <span class="sign">{signs[i - 1]}</span>}
            <Matrix {...props} />
          </Fragment>
        ))}
      </div>
      {built.map((props) => (
        <MatrixText key={props.label} {...props} />
      ))}
    </div>
  );
}

function column(
  label: string,
  tex: string,
  numbers: Tensor,
  output: Output,
  first: Signal<number>,
): MatrixProps {
  const { width, neuron, setNeuron } = output;
  return {
    label, numbers, room: ROOM,
    heading: <Formula tex={tex} />,
    rows: { length: width, what: "output neuron", lit: width > 1 ? [neuron] : [], first },
    columns: { length: 1, what: "" },
    cursor: { row: neuron, column: 0 },
    onCursor: ({ row }) => setNeuron(row),
  };
}

/** z of one output neuron to drag, over the size of its error under both costs. */
function Drag({ output }: { readonly output: Output }): JSX.Element {
  const curve = useCurve(output);
  const { engine } = useContext(PageContext);
  const { neuron } = output;
  if (!curve.value) return <Pending of={curve} />;
  const { here, z } = curve.value;
  const at = output.z ?? here;
  const low = z.at(0);
  const high = z.at(z.data.length - 1);
  return (
    <>
      <Slider
        label={`z of output neuron ${neuron}`}
        value={Math.max(low, Math.min(high, at))}
        min={low}
        max={high}
        step={(high - low) / (z.data.length - 1)}
        text={short(at)}
        disabled={!engine.live}
        onChange={output.setZ}
      />
      <p class="soft">
        {output.z === null
          ? engine.live
            ? "That is its own z. Drag it, or click into the picture."
            : "In a saved moment it stays where it is."
          : `Its own z is ${short(here)}. `}
        {output.z !== null && (
          <button type="button" onClick={() => output.setZ(null)}>
            Back to its own
          </button>
        )}
      </p>
      <Targets output={output} />
      <Picture curve={curve.value} at={at} output={output} live={engine.live} />
    </>
  );
}

const TARGETS = [
  ["its own", null],
  ["0", 0],
  ["1", 1],
] as const;

function Targets({ output }: { readonly output: Output }): JSX.Element {
  return (
    <fieldset class="targets">
      <legend>target of neuron {output.neuron}</legend>
      {TARGETS.map(([name, target]) => (
        <label key={name}>
          <input
            type="radio"
            name="target"
            checked={output.target === target}
            onChange={() => output.setTarget(target)}
          />{" "}
          {name}
        </label>
      ))}
    </fieldset>
  );
}

interface PictureProps {
  readonly curve: Curve;
  readonly at: number;
  readonly output: Output;
  readonly live: boolean;
}

function Picture({ curve, at, output, live }: PictureProps): JSX.Element {
  const { costs } = useTwoCosts(output).value ?? {};
  const series = useMemo<Series[]>(
    () => [
      {
        label: costs?.[0].name ?? "",
        y: curve.deltas[0].data,
        colour: "value",
        dash: [6, 4],
      },
      { label: costs?.[1].name ?? "", y: curve.deltas[1].data, colour: "gradient" },
    ],
    [curve, costs?.[0].name, costs?.[1].name],
  );
  return (
    <Plot
      title={`|δ| of output neuron ${output.neuron} over its z`}
      x={curve.z.data}
      xLabel="z"
      yLabel="|δ|"
      series={series}
      mark={at}
      height={230}
      {...(live && { onPick: output.setZ })}
    />
  );
}
