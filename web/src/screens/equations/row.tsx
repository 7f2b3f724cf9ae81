// One equation as matrices in a row, with the signs between them.
import { useSignal, type Signal } from "@preact/signals";
import { Fragment, type ComponentChildren, type JSX } from "preact";
import type { Tensor } from "../../engine/wire";
import { useNumbers, useParameters, type Numbers, type Parameters } from "../../moment";
import { Formula } from "../../parts/formula";
import { Matrix, MatrixText, type Axis, type MatrixProps } from "../../parts/matrix";
import type { Lit } from "../../parts/matrix-paint";
import { cellSize, GUTTER, NUMBER, type Cell } from "../../parts/matrix-window";
import { Pending } from "../../parts/problem";
import type { Room } from "../../parts/size";
import { useGradient, useSlopes, type Choice, type Form, type Spot } from "./choice";
import { hasError, isComputed } from "./sweep";

const WHOLE = 30; // neurons of a layer that is shown as a whole: the book's hidden layer
const LOWEST = 12; // px of a row with numbers
const TALLEST = 22; // of a row, where there is room
const COLUMN = GUTTER.left + NUMBER.width + 2;
const BAR = 12; // px of a scroll bar
const SIGN = 30;
const FACTOR = 84; // px of the row of a above an outer product

/** One matrix of a row: what it is, and what its rows and columns are to the spot. */
interface Part {
  readonly label: string;
  readonly tex: string;
  readonly numbers: Tensor;
  readonly transposed?: boolean;
  readonly blank?: boolean;
  readonly rows: keyof Spot;
  readonly columns?: keyof Spot;
}

interface RowProps {
  readonly choice: Choice;
  readonly form: Form;
  /** Screen pixels that the row may take. */
  readonly room: Room;
}

/** The matrices of the equation that is looked at. */
export function EquationRow(props: RowProps): JSX.Element {
  const { form, choice } = props;
  const numbers = useNumbers();
  const parameters = useParameters();
  const slopes = useSlopes();
  const gradient = useGradient(form.label === "BP4" ? form.layer : null);
  const asked = [numbers, parameters, slopes, ...(form.label === "BP4" ? [gradient] : [])];
  const missing = asked.find((answer) => answer.value === undefined);
  if (missing || !numbers.value || !parameters.value || !slopes.value) {
    return <Pending of={missing ?? numbers} />;
  }
  const pull = slopes.value.slopes[String(form.layer)];
  const facts = { record: numbers.value, parameters: parameters.value, pull, choice, form };
  if (form.label === "BP4" && gradient.value) {
    return <Outer {...props} parts={outerParts(facts, gradient.value.nabla_w)} />;
  }
  const { parts, signs } = { BP1: outputParts, BP2: hiddenParts, BP3: biasParts, BP4: biasParts }[
    form.label
  ](facts);
  return <InRow key={`${form.label} ${form.layer}`} {...props} parts={parts} signs={signs} />;
}

interface Facts {
  readonly record: Numbers;
  readonly parameters: Parameters;
  readonly pull: Tensor | undefined;
  readonly choice: Choice;
  readonly form: Form;
}

interface Parts {
  readonly parts: readonly Part[];
  readonly signs: readonly string[];
}

function of(layers: Readonly<Record<string, Tensor>>, layer: number): Tensor {
  const found = layers[String(layer)];
  if (!found) throw new Error(`there are no numbers of layer ${layer}`);
  return found;
}

/** The error of a layer, blank if the sweep has not come to it. */
function errorPart({ record, choice }: Facts, layer: number, rows: keyof Spot): Part {
  const blank = !hasError(layer, choice.position, choice.depth);
  const numbers = of(record.delta, layer);
  return { label: `δ of layer ${layer}`, tex: `\\delta^{${layer}}`, numbers, blank, rows };
}

/** σ′(z), or the transposed Jacobian where the activation mixes the neurons of its layer. */
function pullPart({ pull, form }: Facts): Part {
  const l = form.layer;
  if (!pull) throw new Error(`there are no slopes of layer ${l}`);
  if (pull.shape.length === 1) {
    return { label: `σ′(z) of layer ${l}`, tex: `\\sigma'(z^{${l}})`, numbers: pull, rows: "row" };
  }
  const tex = `(\\partial a^{${l}} / \\partial z^{${l}})^\\top`;
  const label = `transposed derivatives ∂a/∂z of layer ${l}`;
  return { label, tex, numbers: pull, rows: "row", columns: "term" };
}

function outputParts(facts: Facts): Parts {
  const { record, form } = facts;
  const l = form.layer;
  const pull = pullPart(facts);
  const cost: Part = {
    label: `∂C/∂a of layer ${l}`,
    tex: `\\partial C / \\partial a^{${l}}`,
    numbers: of(record.delta_a, l),
    rows: pull.columns ? "term" : "row",
  };
  const result = errorPart(facts, l, "row");
  return pull.columns
    ? { parts: [pull, cost, result], signs: ["·", "="] }
    : { parts: [cost, pull, result], signs: ["⊙", "="] };
}

function hiddenParts(facts: Facts): Parts {
  const { record, parameters, form, choice } = facts;
  const l = form.layer;
  const pull = pullPart(facts);
  const result = errorPart(facts, l, "row");
  if (pull.columns) {
    const back: Part = {
      label: `W transposed times δ of layer ${l + 1}`,
      tex: `(W^{${l + 1}})^\\top \\delta^{${l + 1}}`,
      numbers: of(record.delta_a, l),
      blank: !hasError(l + 1, choice.position, choice.depth),
      rows: "term",
    };
    return { parts: [pull, back, result], signs: ["·", "="] };
  }
  const weights: Part = {
    label: `W of layer ${l + 1}, transposed`,
    tex: `(W^{${l + 1}})^\\top`,
    numbers: of(parameters.weights, l + 1),
    transposed: true,
    rows: "row",
    columns: "term",
  };
  const next = errorPart(facts, l + 1, "term");
  return { parts: [weights, next, pull, result], signs: ["·", "⊙", "="] };
}

function biasParts(facts: Facts): Parts {
  const { record, form, choice } = facts;
  const l = form.layer;
  const result: Part = {
    label: `∂C/∂b of layer ${l}`,
    tex: `\\partial C / \\partial b^{${l}}`,
    numbers: of(record.delta, l),
    blank: !isComputed(form, choice.position, choice.depth),
    rows: "row",
  };
  return { parts: [errorPart(facts, l, "row"), result], signs: ["="] };
}

function outerParts(facts: Facts, gradient: Tensor): readonly [Part, Part, Part] {
  const { record, form, choice } = facts;
  const l = form.layer;
  const before: Part = {
    label: `a of layer ${l - 1}, as a row`,
    tex: `(a^{${l - 1}})^\\top`,
    numbers: of(record.a, l - 1),
    transposed: true,
    rows: "term", // one row, never lit
    columns: "column",
  };
  const result: Part = {
    label: `∂C/∂W of layer ${l}`,
    tex: `\\partial C / \\partial W^{${l}}`,
    numbers: gradient,
    blank: !isComputed(form, choice.position, choice.depth),
    rows: "row",
    columns: "column",
  };
  return [errorPart(facts, l, "row"), before, result];
}

/** What is in view of the axes that several matrices show alike. */
type Firsts = Readonly<Partial<Record<keyof Spot, Signal<number>>>>;

function useFirsts(): Firsts {
  return { row: useSignal(0), column: useSignal(0) };
}

interface InRowProps extends RowProps, Parts {}

function InRow({ parts, signs, choice, form, room }: InRowProps): JSX.Element {
  const firsts = useFirsts();
  const all = parts.map((part) => matrixOf(part, choice, form, firsts));
  const vectors = parts.filter((part) => !part.columns).length;
  const bar = all.some(({ rows }) => rows.length > WHOLE) ? BAR : 0;
  const left = room.width - vectors * (COLUMN + bar) - bar - signs.length * SIGN;
  return (
    <Texts of={all}>
      <div class="equation-row">
        {all.map((props, i) => (
          <Fragment key={props.label}>
            {i > 0 && <span class="sign">{signs[i - 1]}</span>}
            <Matrix {...props} {...sized(all, i, parts[i]?.columns ? left : COLUMN, room)} />
          </Fragment>
        ))}
      </div>
    </Texts>
  );
}

/** δ at the left, a above, and each product where they meet. */
function Outer(props: RowProps & { readonly parts: readonly [Part, Part, Part] }): JSX.Element {
  const { parts, choice, form } = props;
  const room = { ...props.room, height: props.room.height - FACTOR };
  const firsts = useFirsts();
  const all = parts.map((p) => matrixOf(p, choice, form, firsts));
  const [error, before, result] = all as [Built, Built, Built];
  const wide = sized(all, 2, room.width - COLUMN - SIGN - 2 * BAR, room);
  return (
    <Texts of={all}>
      <div class="equation-outer">
        <p class="soft">
          each cell is the δ at its left times the a above it
        </p>
        <Matrix {...before} {...wide} />
        <Matrix {...error} {...sized(all, 0, COLUMN, room)} />
        <Matrix {...result} {...wide} />
      </div>
    </Texts>
  );
}

type Built = Omit<MatrixProps, "room" | "cell">;

/** The size of one matrix in a row of them, whose cells are all of the same height. */
function sized(
  all: readonly Built[],
  i: number,
  width: number,
  { height }: Room,
): Pick<MatrixProps, "room" | "cell"> {
  const most = Math.min(WHOLE, Math.max(...all.map(({ rows }) => rows.length)));
  const fits = Math.floor((height - GUTTER.top) / most);
  const down = Math.max(LOWEST, Math.min(TALLEST, fits));
  const room = { width, height: Math.max(height, most * down + GUTTER.top) };
  const { rows, columns } = all[i] as Built;
  return { room, cell: { ...cellSize(rows.length, columns.length, room), height: down } };
}

/** A part with its axes lit by the spot, and its cells moving the spot. */
function matrixOf(part: Part, choice: Choice, form: Form, firsts: Firsts): Built {
  const { label, tex, numbers, transposed = false, blank = false } = part;
  const [first = 1, second = 1] = numbers.shape;
  const [height, width] = transposed ? [second, first] : [first, second];
  const summed = part.columns ? [] : "all"; // of a sum all terms are lit unless one is looked at
  const axis = (length: number, kind: keyof Spot | undefined): Axis => ({
    length,
    what: whatOf(kind, form),
    lit: length > 1 && kind ? litOf(choice.spot[kind], summed) : [],
    ...(kind && length > 1 && firsts[kind] && { first: firsts[kind] }),
  });
  const spotAt = ({ row, column }: Cell): Partial<Spot> => ({
    ...(height > 1 && { [part.rows]: row }),
    ...(part.columns && { [part.columns]: column }),
  });
  const { chosen } = choice;
  return {
    label, numbers, transposed, blank,
    heading: <Formula tex={tex} />,
    rows: axis(height, part.rows),
    columns: axis(width, part.columns),
    cursor: {
      row: height > 1 ? chosen[part.rows] : 0,
      column: part.columns ? chosen[part.columns] : 0,
    },
    onCursor: (cell) => choice.choose(spotAt(cell)),
    onHover: (cell) => choice.hover(cell && spotAt(cell)),
  };
}

function whatOf(kind: keyof Spot | undefined, { label, layer }: Form): string {
  const before = layer > 1 ? `neuron of layer ${layer - 1}` : "input";
  if (kind === "column") return before;
  return `neuron of layer ${kind === "term" && label === "BP2" ? layer + 1 : layer}`;
}

function litOf(index: number | null, otherwise: Lit): Lit {
  return index === null ? otherwise : [index];
}

interface TextsProps {
  readonly of: readonly Built[];
  readonly children: ComponentChildren;
}

function Texts({ of: matrices, children }: TextsProps): JSX.Element {
  return (
    <>
      {children}
      <p class="equation-colours soft">
        Violet is above 0, orange and brown below; full colour is the largest of each matrix.
      </p>
      <div class="equation-texts">
        {matrices.filter(({ blank }) => !blank).map((props) => (
          <MatrixText key={props.label} {...props} />
        ))}
      </div>
    </>
  );
}
