// How one entry comes about: its line in numbers, the terms of its sum, and its check.
import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { useAnswer } from "../../engine/answers";
import type { Tensor } from "../../engine/wire";
import { count, raised, short } from "../../format";
import { useAt, useNumbers } from "../../moment";
import { PageContext } from "../../page";
import { Num } from "../../parts/number";
import { Pending } from "../../parts/problem";
import { Table } from "../../parts/table";
import { TextForm } from "../../parts/text-form";
import { useChoice, type Choice, type Form } from "./choice";
import { CostsInspector } from "./costs-inspector";
import { isComputed } from "./sweep";

interface Sum {
  readonly terms_of_sum: Readonly<Record<"neuron" | "weight" | "error" | "product", Tensor>>;
  readonly listed: number;
  readonly rest: number;
  readonly total: number;
}

/** The answer to equations.entry. */
interface Entry extends Partial<Sum> {
  readonly name: string;
  readonly terms: string;
  readonly value: number;
  readonly difference: number;
  readonly gap: number;
  readonly sum: string;
}

export function Inspector(): JSX.Element {
  const choice = useChoice();
  if (choice.view === "costs") return <CostsInspector />;
  if (!choice.form) return <></>;
  return <OneEntry choice={choice} form={choice.form} />;
}

interface EntryProps {
  readonly choice: Choice;
  readonly form: Form;
}

function OneEntry({ choice, form }: EntryProps): JSX.Element {
  const { spot } = choice;
  const at = useAt();
  const { engine } = useContext(PageContext);
  const place = {
    label: form.label,
    layer: form.layer,
    row: spot.row,
    column: form.label === "BP4" ? spot.column : 0,
  };
  const answer = useAnswer<Entry>("equations.entry", at && { ...at, ...place });
  if (!isComputed(form, choice.position, choice.depth)) {
    return <p>Not computed yet. Step forward below until the sweep comes to {form.label}.</p>;
  }
  if (answer.error !== undefined && !engine.live) {
    return <Factors choice={choice} form={form} />;
  }
  const entry = answer.value;
  if (!entry || answer.error !== undefined) return <Pending of={answer} />;
  return (
    <article aria-busy={!answer.current}>
      <div class="entry-head">
        <h2>
          <code>{raised(entry.name)}</code>
        </h2>
        <span class="soft">{placeOf(form, spot.row, spot.column)}</span>
      </div>
      <p class="entry-line">
        {raised(entry.name)}
        {entry.terms !== short(entry.value) && <> = {raised(entry.terms)}</>} ={" "}
        <Num x={entry.value} kind="gradient" />
      </p>
      {entry.sum && <p class="entry-line">{raised(entry.sum)}</p>}
      <Check entry={entry} form={form} />
      {isSum(entry) && <Terms sum={entry} term={spot.term} form={form} />}
    </article>
  );
}

function placeOf({ label, layer }: Form, row: number, column: number): string {
  if (label !== "BP4") return `neuron ${row} of layer ${layer}`;
  const from = layer === 1 ? `input ${column}` : `neuron ${column} of layer ${layer - 1}`;
  return `the weight to neuron ${row} of layer ${layer} from ${from}`;
}

function isSum(entry: Entry): entry is Entry & Sum {
  return entry.terms_of_sum !== undefined;
}

interface TermsProps {
  readonly sum: Sum;
  readonly term: number | null;
  readonly form: Form;
}

/** The terms of what comes back from the next layer: the largest, and the one that is looked at. */
function Terms({ sum, term, form }: TermsProps): JSX.Element {
  const { neuron, weight, error, product } = sum.terms_of_sum;
  const all = Array.from(neuron.data);
  const shown = all.slice(0, sum.listed).map((_, i) => i);
  const looked = term === null ? -1 : all.indexOf(term);
  if (looked >= sum.listed) shown.push(looked);
  const more = all.length - Math.min(sum.listed, all.length);
  const next = form.layer + 1;
  const cells = (i: number) => [
    String(neuron.at(i)),
    short(weight.at(i)),
    short(error.at(i)),
    short(product.at(i)),
  ];
  return (
    <div class="entry-terms">
      <Table
        caption={`What comes back from layer ${next}, largest first`}
        head={["j", "weight", raised(`δ^${next}[j]`), "product"]}
        rows={[
          ...shown.map(cells),
          ...(more > 0 ? [[`and ${count(more)} more`, "", "", short(sum.rest)]] : []),
          ["sum", "", "", short(sum.total)],
        ]}
        chosen={shown.indexOf(looked)}
      />
      <TextForm
        title="all terms of the sum"
        head={["neuron", "weight", "error", "product"]}
        rows={() => all.map((j, i) => [String(j), weight.at(i), error.at(i), product.at(i)])}
      />
    </div>
  );
}

const MOVED: Record<Form["label"], string> = {
  BP1: "this z",
  BP2: "this z",
  BP3: "this bias",
  BP4: "this weight",
};

function Check({ entry, form }: { readonly entry: Entry; readonly form: Form }): JSX.Element {
  return (
    <>
      <h2>Check</h2>
      <p class="soft">
        No equation, only the cost: {MOVED[form.label]} is moved by +0.0001 and −0.0001, and the
        change of C divided by 0.0002.
      </p>
      <Table
        caption="The equation and the difference of the cost"
        quiet
        head={["this entry", "number"]}
        rows={[
          ["by the equation", <Num x={entry.value} kind="gradient" />],
          ["by the difference", <Num x={entry.difference} kind="gradient" />],
          ["apart by", <Num x={entry.gap} />],
        ]}
      />
    </>
  );
}

/** Of an entry that a saved file has no computation of: its factors, which stand on the screen. */
function Factors({ choice, form }: EntryProps): JSX.Element {
  const numbers = useNumbers().value;
  const { row, column } = choice.spot;
  const l = String(form.layer);
  const error = numbers?.delta[l]?.at(row);
  const before = numbers?.a[String(form.layer - 1)]?.at(column);
  return (
    <>
      <h2>
        <code>
          {form.label === "BP4"
            ? raised(`∂C/∂W^${l}[${row}, ${column}]`)
            : `neuron ${row} of layer ${l}`}
        </code>
      </h2>
      {error !== undefined && (
        <p class="entry-line">
          {raised(`δ^${l}[${row}]`)} = <Num x={error} kind="gradient" />
        </p>
      )}
      {form.label === "BP4" && before !== undefined && (
        <p class="entry-line">
          {raised(`a^${form.layer - 1}[${column}]`)} = <Num x={before} kind="value" />
        </p>
      )}
      <p class="soft">This saved moment has no check of this entry; chainrule explore has.</p>
    </>
  );
}
