// The four equations as formulas to choose from, and the two costs.
import type { JSX } from "preact";
import { Formula } from "../../parts/formula";
import type { Choice, Forms } from "./choice";
import { isComputed, LABELS, layerNear, layersOf, type Label } from "./sweep";

interface CardsProps {
  readonly choice: Choice;
  readonly forms: Forms;
  readonly layer: number;
}

const SAYS: Record<Label, string> = {
  BP1: "error of the outputs",
  BP2: "error, a layer back",
  BP3: "gradient of biases",
  BP4: "gradient of weights",
};

export function Cards({ choice, forms, layer }: CardsProps): JSX.Element {
  return (
    <div class="equation-cards" role="group" aria-label="Equations">
      {LABELS.map((label) => (
        <Card key={label} label={label} choice={choice} forms={forms} layer={layer} />
      ))}
      <button
        type="button"
        class="equation-card costs"
        aria-pressed={choice.view === "costs"}
        onClick={() => choice.look("costs")}
      >
        <span class="equation-name">Two costs</span>{" "}
        <span class="soft">δ side by side</span>
      </button>
    </div>
  );
}

interface CardProps extends CardsProps {
  readonly label: Label;
}

function Card({ label, choice, forms, layer }: CardProps): JSX.Element {
  const { depth, position } = choice;
  const near = layerNear(label, layer, depth);
  const form = forms.equations.find((f) => f.label === label && f.layer === near);
  const done = form ? isComputed(form, position, depth) : false;
  return (
    <button
      type="button"
      class="equation-card"
      disabled={!form}
      aria-pressed={choice.view === label}
      onClick={() => choice.look(label)}
    >
      <span class="equation-name">{label}</span>{" "}
      <span class="equation-says-short soft">{SAYS[label]}</span>
      <span class="equation-state soft">
        {!form ? "no hidden layer" : done ? <Done /> : "not yet"}
      </span>
      {form && <Formula tex={form.general} />}
    </button>
  );
}

function Done(): JSX.Element {
  return (
    <>
      ✓<span class="unseen">computed</span>
    </>
  );
}

/** Which layer, where an equation holds for several. */
export function LayerSelect({ choice }: { readonly choice: Choice }): JSX.Element | null {
  const { form, depth } = choice;
  if (!form) return null;
  const layers = layersOf(form.label, depth);
  if (layers.length < 2) return <span class="soft">layer {form.layer}</span>;
  return (
    <label>
      layer{" "}
      <select
        value={form.layer}
        onChange={(event) =>
          choice.go({ label: form.label, layer: Number(event.currentTarget.value) })
        }
      >
        {layers.map((n) => (
          <option key={n} value={n}>
            {n === depth ? `${n}, the last` : n}
          </option>
        ))}
      </select>
    </label>
  );
}
