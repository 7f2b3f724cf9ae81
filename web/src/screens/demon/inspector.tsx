// What is chosen in numbers, what it means, and what becomes of the change.
import type { JSX } from "preact";
import { useContext, useMemo } from "preact/hooks";
import { short } from "../../format";
import type { About } from "../../moment";
import { PageContext } from "../../page";
import { Num } from "../../parts/number";
import { Pending } from "../../parts/problem";
import { useMove } from "../../place";
import { changeAt, useChoice, type Choice } from "./choice";
import { slopeName, useCascade, useCurve, useGaps, type Curve } from "./curve";
import { CascadeTable, GapPlot, Outputs } from "./effects";
import { KindSelect } from "./kind";
import { Symbols } from "./symbols";

export function LookInspector({ about }: { readonly about: About }): JSX.Element {
  const choice = useChoice(about.sizes);
  const change = changeAt(choice.position, choice.reach);
  const curve = useCurve(choice);
  const gaps = useGaps(choice);
  const cascade = useCascade(choice, change);
  const { engine } = useContext(PageContext);
  const { kind, layer, neuron, from, pixel } = choice;
  const still = useMemo(
    () => <ChoiceForm choice={choice} about={about} />,
    [about, kind, layer, neuron, from, pixel], // and not how far is nudged
  );
  const meaning = useMemo(() => curve.value && <Meaning curve={curve.value} />, [curve.value]);
  const name = curve.value?.change ?? "dz";
  const shrinking = useMemo(
    () => gaps.value && <GapPlot gaps={gaps.value} change={name} />,
    [gaps.value, name],
  );
  return (
    <>
      <h2>What the demon moves</h2>
      {still}
      {meaning ?? <Pending of={curve} />}
      {change === 0 && <p class="soft">Nothing moves yet: drag the slider.</p>}
      {change !== 0 && cascade.value && cascade.error === undefined && (
        <div aria-busy={!cascade.current}>
          <Outputs cascade={cascade.value} about={about} />
          <CascadeTable cascade={cascade.value} />
        </div>
      )}
      {change !== 0 && (!cascade.value || cascade.error !== undefined) &&
        (engine.live ? <Pending of={cascade} /> : <Unsaved change={change} />)}
      {shrinking}
    </>
  );
}

function Unsaved({ change }: { readonly change: number }): JSX.Element {
  return (
    <p class="soft">
      What a change of {short(change)} does on its way is not in this file; chainrule explore
      follows any.
    </p>
  );
}

/** What the engine says of the whole curve. */
function Meaning({ curve }: { readonly curve: Curve }): JSX.Element {
  return (
    <>
      <p class="chosen-number">
        <Symbols text={curve.name} /> = <Num x={curve.value} kind="value" />,{" "}
        {slopeName(curve.change)} = <Num x={curve.slope} kind="gradient" />
      </p>
      <p class="meaning">
        {curve.meaning.split("\n").map((line) => (
          <span key={line}>
            <Symbols text={line} />{" "}
          </span>
        ))}
      </p>
    </>
  );
}

interface FormProps {
  readonly choice: Choice;
  readonly about: About;
}

/** The choice by hand: what the picture chooses by clicks, and weights. */
function ChoiceForm({ choice, about }: FormProps): JSX.Element {
  const move = useMove();
  const { kind, layer, from, pixel } = choice;
  const sizes = about.sizes;
  return (
    <div class="choice">
      <KindSelect choice={choice} />
      {kind === "input" ? (
        <Index
          label="input"
          value={pixel}
          count={sizes[0] ?? 1}
          onChange={(k) => move({ pixel: k })}
        />
      ) : (
        <NeuronFields choice={choice} about={about} />
      )}
      {kind === "weight" && (
        <Index
          label={layer === 1 ? "from input" : `from neuron of layer ${layer - 1}`}
          value={from}
          count={sizes[layer - 1] ?? 1}
          onChange={(k) => move({ from: k })}
        />
      )}
    </div>
  );
}

/** A neuron that nobody named is the one with the largest |δ|, also where the layer is changed. */
function NeuronFields({ choice: { layer, neuron }, about: { sizes } }: FormProps): JSX.Element {
  const move = useMove();
  return (
    <>
      <Index
        label="layer"
        value={layer}
        first={1}
        count={sizes.length - 1}
        onChange={(l) => move({ layer: l })}
      />
      <Index
        label="neuron"
        value={neuron}
        count={sizes[layer] ?? 1}
        onChange={(j) => move({ layer, neuron: j })}
      />
    </>
  );
}

interface IndexProps {
  readonly label: string;
  readonly value: number;
  readonly first?: number;
  readonly count: number;
  readonly onChange: (index: number) => void;
}

function Index({ label, value, first = 0, count, onChange }: IndexProps): JSX.Element {
  const last = first + count - 1;
  return (
    <label>
      {label}{" "}
      <input
        type="number"
        min={first}
        max={last}
        value={value}
        onChange={(event) => {
          const wanted = event.currentTarget.valueAsNumber;
          if (Number.isInteger(wanted)) onChange(Math.max(first, Math.min(last, wanted)));
        }}
      />
    </label>
  );
}
