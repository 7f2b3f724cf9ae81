// The parameter that is looked at, the worst offenders, and the sizes by array.
import type { JSX } from "preact";
import { useLive } from "../../engine/answers";
import { short } from "../../format";
import { Num } from "../../parts/number";
import { useOwnId } from "../../parts/own-id";
import { Table } from "../../parts/table";
import { useCheck, useCompared, useCurve, type CheckState, type Compared } from "./answers";
import { arrayName, parameterName, parameterOf, parameterText, placeIn } from "./parameter";

export function Inspector(): JSX.Element {
  const state = useCheck();
  const compared = useCompared(state);
  const curve = useCurve(state).value;
  const found = compared.value;
  if (state.function !== null) return <FunctionNotes />;
  if (compared.error !== undefined) return <p class="soft">There is no gradient to compare.</p>;
  if (!found) return <></>;
  return (
    <div class="check-inspector">
      {curve && (
        <OneParameter
          state={state}
          compared={found}
          parameter={state.parameter || curve.parameter}
        />
      )}
      <Worst state={state} compared={found} />
    </div>
  );
}

function FunctionNotes(): JSX.Element {
  return (
    <>
      <h2>What is compared</h2>
      <p>
        Forward mode pushes changes along the graph, reverse mode pulls derivatives back, and both
        can be nested for second derivatives. Differences know nothing of the graph. A mistake in a
        rule would have to be the same in all of them to stay hidden.
      </p>
    </>
  );
}

interface OneProps {
  readonly state: CheckState;
  readonly compared: Compared;
  readonly parameter: string;
}

/** A click on a picture chooses a parameter; so do these fields. */
export function OneParameter({ state, compared, parameter }: OneProps): JSX.Element {
  const live = useLive();
  const { array, index } = parameterOf(parameter);
  const errors = compared.arrays.find((a) => a.name === array);
  const image = compared.images[array];
  const place = placeIn(errors?.shape ?? [], index);
  const tensors = image ? [image.analytic, image.numeric, image.error] : [];
  const [analytic = NaN, numeric = NaN, error = NaN] = tensors.map((t) => t.data[place] ?? NaN);
  const choose = (next: string, at: readonly number[]): void =>
    state.setParameter(parameterText({ array: next, index: at }));
  return (
    <fieldset disabled={!live}>
      <legend>Parameter {parameterName(parameter)}</legend>
      <div class="check-row">
        <select
          aria-label="array of parameters"
          value={array}
          onChange={(event) => {
            const name = event.currentTarget.value;
            choose(name, name.startsWith("w") ? [0, 0] : [0]);
          }}
        >
          {compared.arrays.map(({ name }) => (
            <option key={name} value={name}>{arrayName(name)}</option>
          ))}
        </select>
        {index.map((i, axis) => (
          <Index
            key={axis}
            label={axis === 0 ? "neuron" : "input"}
            value={i}
            count={errors?.shape[axis] ?? 1}
            onChange={(value) => choose(array, index.map((old, k) => (k === axis ? value : old)))}
          />
        ))}
      </div>
      <BothWays analytic={analytic} numeric={numeric} error={error} />
    </fieldset>
  );
}

interface BothWaysProps {
  readonly analytic: number;
  /** NaN if it was not compared. */
  readonly numeric: number;
  /** Negative if it is more than what is allowed, NaN where nothing was compared. */
  readonly error: number;
}

function BothWays({ analytic, numeric, error }: BothWaysProps): JSX.Element {
  return (
    <Table
      caption="The parameter that is looked at"
      quiet
      head={["derivative", "value"]}
      rows={[
        ["by the gradient", <Num x={analytic} kind="gradient" sign />],
        [
          "by differences",
          Number.isNaN(numeric) ? "not compared" : <Num x={numeric} kind="value" sign />,
        ],
        ["ratio", Number.isNaN(numeric) || numeric === 0 ? "–" : short(analytic / numeric)],
        ["relative error", Number.isNaN(error) ? "–" : short(Math.abs(error), 2)],
        ["verdict", Number.isNaN(error) ? "–" : error < 0 ? "✗ wrong" : "✓ agrees"],
      ]}
    />
  );
}

interface IndexProps {
  readonly label: string;
  readonly value: number;
  readonly count: number;
  readonly onChange: (value: number) => void;
}

function Index({ label, value, count, onChange }: IndexProps): JSX.Element {
  const id = useOwnId();
  return (
    <>
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        min={0}
        max={count - 1}
        value={value}
        onInput={(event) => {
          const next = event.currentTarget.valueAsNumber;
          if (Number.isInteger(next) && next >= 0 && next < count) onChange(next);
        }}
      />
    </>
  );
}

function Worst({ state, compared }: Omit<OneProps, "parameter">): JSX.Element {
  const live = useLive();
  const rows = compared.worst.map((offender) => [
    <button
      key={offender.name}
      type="button"
      class="quiet"
      disabled={!live}
      onClick={() => state.setParameter(offender.name)}
    >
      {parameterName(offender.name)}
    </button>,
    <Num x={offender.analytic} kind="gradient" />,
    <Num x={offender.numeric} kind="value" />,
    offender.wrong ? "✗" : "✓",
  ]);
  return (
    <Table
      caption="Worst offenders, by the gap that is allowed"
      head={["parameter", "gradient", "difference", "agrees"]}
      rows={rows}
    />
  );
}
