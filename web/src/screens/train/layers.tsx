// The numbers of each layer at the step that is looked at.
import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { useAnswer } from "../../engine/answers";
import { count, percent, short } from "../../format";
import { useMoment } from "../../moment";
import { PageContext } from "../../page";
import { Pending } from "../../parts/problem";
import { Table } from "../../parts/table";
import { isRunning } from "./controls";
import { QUANTITIES, type History, type OfLayer } from "./history";
import { NAMES } from "./names";

/** The answer to train.layers. */
interface Seen {
  readonly layers: Readonly<Record<string, OfLayer>>;
  readonly cost: number | null;
  readonly sample_score: number | null;
  readonly eta: number;
}

export function Layers({ history }: { readonly history: History }): JSX.Element {
  const { standing, terms, points } = history;
  const { engine } = useContext(PageContext);
  const { step } = useMoment();
  const there = step === standing.step;
  const told = isRunning(standing) && there ? points.find((p) => p.step === step) : undefined;
  const eta = engine.live && there ? { eta: standing.eta } : {};
  const asked = useAnswer<Seen>("train.layers", told || step === null ? null : { step, ...eta });
  const seen = told ?? asked.value;
  if (!seen) return <Pending of={asked} />;
  const names = Object.keys(seen.layers);
  return (
    <>
      <h2>Step {count((told?.step ?? step ?? 0) + 1)}, layer by layer</h2>
      <div class="scrolls" tabIndex={0} role="region" aria-label="Numbers of each layer">
        <Table
          caption="What the next step does in each layer"
          quiet
          head={["quantity", ...names.map((n) => `layer ${n}`)]}
          rows={QUANTITIES.map((q) => [
            NAMES[q].symbol,
            ...names.map((n) => {
              const x = seen.layers[n]?.[q] ?? null;
              return x === null ? "–" : NAMES[q].text(x);
            }),
          ])}
        />
      </div>
      <p>
        mean cost of its mini-batch {seen.cost === null ? "–" : short(seen.cost)}, η {short(seen.eta)}
        {seen.sample_score !== null && `, ${scored(terms.score, seen.sample_score)}`}
      </p>
      <Meaning history={history} />
    </>
  );
}

function scored(score: string, x: number): string {
  return score === "accuracy" ? `accuracy ${percent(x)}` : `R² ${short(x)}`;
}

function Meaning({ history }: { readonly history: History }): JSX.Element {
  const { sample, saturated_below, held_out } = history.terms;
  const examples = `${count(sample)} ${held_out > 0 ? "held-out " : ""}examples`;
  return (
    <dl class="train-meaning">
      <dt>|∇w|, |∇b|</dt>
      <dd>size of the gradient of the mini-batch’s mean cost</dd>
      <dt>|δ|</dt>
      <dd>size of the errors δ = ∂C/∂z, root mean square over the mini-batch</dd>
      <dt>|Δw| / |w|</dt>
      <dd>how far the step moves the weights, relative to them</dd>
      <dt>saturated</dt>
      <dd>
        activations where the slope σ′(z) is below {percent(saturated_below)} of its largest, over{" "}
        {examples}
      </dd>
      <dt>dead</dt>
      <dd>neurons without slope for any of these examples: they learn nothing</dd>
    </dl>
  );
}
