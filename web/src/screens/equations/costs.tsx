// The output layer's error under two costs: with σ′(z) and without, and a z to drag.
import { useSignal, type Signal } from "@preact/signals";
import { Fragment, type JSX } from "preact";
import { useContext, useMemo } from "preact/hooks";
import { useLive } from "../../engine/answers";
import type { Tensor } from "../../engine/wire";
import { short } from "../../format";
import { PageContext } from "../../page";
import { Formula } from "../../parts/formula";
import { Matrix, MatrixText, type MatrixProps } from "../../parts/matrix";
import { GUTTER, NUMBER } from "../../parts/matrix-window";
import { largest } from "../../parts/colours";
import { useOwnId } from "../../parts/own-id";
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
  const value = both.value;
  const each = value.costs.map((cost, i) => {
    const formula = forms.costs[i]?.formula ?? "";
    return { formula, cost, both: value, output, first };
  });
  const wide = width > 2 * (3 * ROOM.width + 60) + SHARED;
  return (
    <section class={`two-costs ${wide ? "wide" : ""}`} aria-label="Two costs">
      <p class="equation-says soft">
        The same network and example under two costs. Choose an output neuron by its cell, then drag
        its z to where its activation is flat.
      </p>
      <div class="two-costs-rows">
        {each.map((props) => (
          <OneCost key={props.cost.name} {...props} />
        ))}
      </div>
      <div class="two-costs-curve">
        <Drag output={output} />
      </div>
      <div class="equation-texts">
        {each.flatMap(columnsOf).map((props) => (
          <MatrixText key={props.label} {...props} />
        ))}
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
function OneCost(props: OneCostProps): JSX.Element {
  const { formula, cost, both } = props;
  const signs = both.slope.shape.length > 1 ? ["", ""] : ["⊙", "="];
  return (
    <div class="one-cost">
      <h2>
        {cost.name} cost, C = <span class="num">{short(cost.value)}</span>
      </h2>
      <Formula tex={formula} />
      <div class="equation-row">
        {columnsOf(props).map((props, i) => (
          <Fragment key={props.label}>
            {i > 0 && <span class="sign">{signs[i - 1]}</span>}
            <Matrix {...props} />
          </Fragment>
        ))}
      </div>
    </div>
  );
}

/** The three columns of a cost. The errors of both costs have their colours on one scale. */
function columnsOf(props: OneCostProps): readonly MatrixProps[] {
  const { cost, both, output, first } = props;
  const most = Math.max(...both.costs.map((c) => largest(c.delta.data)));
  const mixes = both.slope.shape.length > 1;
  const column = (label: string, tex: string, numbers: Tensor, scale?: number): MatrixProps => ({
    label: `${label}, ${cost.name} cost`,
    heading: <Formula tex={tex} />,
    numbers,
    room: ROOM,
    ...(scale !== undefined && { scale }),
    rows: {
      length: output.width,
      what: "output neuron",
      lit: output.width > 1 ? [output.neuron] : [],
      first,
    },
    columns: { length: 1, what: "" },
    cursor: { row: output.neuron, column: 0 },
    onCursor: ({ row }) => output.setNeuron(row),
  });
  return [
    column("∂C/∂a", "\\partial C / \\partial a", cost.delta_a),
    mixes ? column("a", "a", both.a) : column("σ′(z)", "\\sigma'(z)", both.slope),
    column("δ", "\\delta", cost.delta, most),
  ];
}

/** z of one output neuron to drag, over the size of its error under both costs. */
function Drag({ output }: { readonly output: Output }): JSX.Element {
  const curve = useCurve(output);
  const { engine } = useContext(PageContext);
  const live = useLive();
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
        disabled={!live}
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
      <Picture curve={curve.value} at={at} output={output} live={live} />
    </>
  );
}

const TARGETS = [
  ["its own", null],
  ["0", 0],
  ["1", 1],
] as const;

function Targets({ output }: { readonly output: Output }): JSX.Element {
  const group = useOwnId(); // cells of a notebook share its document
  return (
    <fieldset class="targets">
      <legend>target of neuron {output.neuron}</legend>
      {TARGETS.map(([name, target]) => (
        <label key={name}>
          <input
            type="radio"
            name={group}
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
        label: `${costs?.[0].name ?? ""}, dashed`,
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
      height={200}
      {...(live && { onPick: output.setZ })}
    />
  );
}
