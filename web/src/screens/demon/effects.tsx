// What becomes of a change: layer by layer, in the outputs, and how the gap shrinks with it.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { short, signed } from "../../format";
import type { About } from "../../moment";
import { Plot } from "../../parts/plot";
import { Table } from "../../parts/table";
import type { Cascade, CascadeStep, Gaps } from "./curve";
import { Symbols } from "./symbols";

interface OutputsProps {
  readonly cascade: Cascade;
  readonly about: About;
}

const SHOWN = 20; // outputs

/** What the network says before and after. */
export function Outputs({ cascade, about }: OutputsProps): JSX.Element {
  const { before, after, change, says } = cascade;
  const name = (j: number): string => about.classes[j] ?? String(j);
  const rows = Array.from(before.data.subarray(0, SHOWN), (a, j) => [
    name(j), short(a, 3), short(after.at(j), 3), signed(change.at(j), 3),
  ]);
  const verdict =
    says[0] === says[1]
      ? `It says ${name(says[0])} before and after.`
      : `It said ${name(says[0])}, and now says ${name(says[1])}.`;
  return (
    <section>
      <h2>What the network says</h2>
      {about.classes.length > 0 && <p>{verdict}</p>}
      <Table
        caption="outputs before and after"
        quiet
        head={["output", "before", "after", "change"]}
        rows={rows}
        chosen={says[1]}
      />
    </section>
  );
}

/** The change on its way to the cost; of several neurons the length of their changes. */
export function CascadeTable({ cascade }: { readonly cascade: Cascade }): JSX.Element {
  const rows = cascade.steps.map((step) => [
    <Step key={step.name} step={step} />,
    step.neurons === 1 ? signed(step.predicted, 3) : short(step.predicted, 3),
    step.neurons === 1 ? signed(step.real, 3) : short(step.real, 3),
  ]);
  return (
    <section>
      <h2>The change on its way to C</h2>
      <p class="soft">
        Each change makes the next; |…| is the length of the changes of a whole layer.
      </p>
      <Table caption="the cascade" quiet head={["change", "predicted", "real"]} rows={rows} />
    </section>
  );
}

function Step({ step }: { readonly step: CascadeStep }): JSX.Element {
  const name = <Symbols text={step.name} />;
  return (
    <span>
      {step.neurons > 1 ? <>|{name}|</> : name}
      {step.rule && (
        <span class="soft">
          {" = "}
          <Symbols text={step.rule} />
        </span>
      )}
    </span>
  );
}

interface GapPlotProps {
  readonly gaps: Gaps;
  readonly change: string;
}

/** The size of the gap against the change, both axes by their logarithms. */
export function GapPlot({ gaps, change }: GapPlotProps): JSX.Element {
  const { dz, gap, square, ratio } = gaps;
  const series = useMemo(
    () => [
      { label: "|gap|", y: positive(gap.data), colour: "value" },
      { label: `${change}²`, y: positive(square.data), colour: "gradient", dash: [5, 4] },
    ],
    [gap, square, change],
  );
  if (ratio === null) {
    return (
      <p class="soft">
        For a small {change} there is no gap that rounding errors leave to be seen.
      </p>
    );
  }
  return (
    <section>
      <h2>How the gap shrinks</h2>
      <p>
        Half the {change} makes the gap {short(ratio, 3)} times smaller.
      </p>
      <Plot
        title={`|gap| against ${change}`}
        x={dz.data}
        xLabel={change}
        yLabel="|gap|"
        series={series}
        height={200}
        logX
        logY
      />
    </section>
  );
}

/** A logarithm has no place for 0. */
function positive(numbers: Float32Array): (number | null)[] {
  return Array.from(numbers, (n) => (n > 0 ? n : null));
}
