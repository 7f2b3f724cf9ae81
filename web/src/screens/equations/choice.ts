// What is looked at: an equation, a layer, an entry; and for a moment what the pointer is over.
import { signal, type Signal } from "@preact/signals";
import { useContext } from "preact/hooks";
import { useAnswer, type Answer } from "../../engine/answers";
import type { Tensor } from "../../engine/wire";
import { useAbout, useAt, type ByLayer } from "../../moment";
import { PageContext, type Page } from "../../page";
import { usePosition } from "../../parts/scrubber";
import { useMove, useText } from "../../place";
import { LABELS, layerNear, stagesOf, type Label, type Stage } from "./sweep";

export interface Form extends Stage {
  readonly general: string;
  readonly special: string;
  readonly assumptions: readonly string[];
  readonly largest: readonly number[];
}

/** The answer to equations.forms. */
export interface Forms {
  readonly equations: readonly Form[];
  readonly costs: readonly { readonly name: string; readonly formula: string }[];
  readonly slower: number;
}

/** An entry of a result, and the term of its sum that is looked at. */
export interface Spot {
  readonly row: number;
  /** Of ∂C/∂W: the neuron of the layer before. */
  readonly column: number;
  /** Of a sum: the neuron that it is summed over. */
  readonly term: number | null;
}

export type View = Label | "costs";

export function useForms(): Answer<Forms> {
  return useAnswer<Forms>("equations.forms", useAt());
}

export function useSlopes(): Answer<{ slopes: ByLayer }> {
  return useAnswer("equations.slopes", useAt());
}

/** ∂C/∂W of a layer; nothing is asked without one. */
export function useGradient(layer: number | null): Answer<{ nabla_w: Tensor }> {
  const at = useAt();
  return useAnswer("equations.gradient", at && layer !== null ? { ...at, layer } : null);
}

export interface Choice {
  readonly view: View;
  /** The equation; null while it is loading, and for the two costs. */
  readonly form: Form | null;
  readonly depth: number;
  readonly sizes: readonly number[];
  readonly position: number;
  /** What was chosen, and with what the pointer is over in its place. */
  readonly chosen: Spot;
  readonly spot: Spot;
  look(view: View): void;
  go(stage: Stage): void;
  choose(spot: Partial<Spot>): void;
  hover(spot: Partial<Spot> | null): void;
}

// By page, because a notebook can have several
const HOVERED = new WeakMap<Page, Signal<Partial<Spot> | null>>();

function useHovered(): Signal<Partial<Spot> | null> {
  const page = useContext(PageContext);
  const known = HOVERED.get(page) ?? signal<Partial<Spot> | null>(null);
  HOVERED.set(page, known);
  return known;
}

export function useChoice(): Choice {
  const forms = useForms().value;
  const sizes = useAbout().value?.sizes ?? [];
  const depth = Math.max(0, sizes.length - 1);
  const [equation, setEquation] = useText("equation", "BP1");
  const [layer] = useText("layer", "1");
  const [position] = usePosition(stagesOf(depth).length);
  const [neuron] = useText("neuron");
  const [input] = useText("input");
  const [term] = useText("term");
  const hovered = useHovered();
  const move = useMove();
  const view = equation === "costs" ? "costs" : (LABELS.find((x) => x === equation) ?? "BP1");
  const near = view === "costs" ? null : layerNear(view, Number(layer), depth);
  const form = forms?.equations.find((f) => f.label === view && f.layer === near) ?? null;
  const chosen = spotOf(form, sizes, [neuron, input, term]);
  return {
    view, form, depth, sizes, position, chosen,
    spot: { ...chosen, ...hovered.value },
    look: setEquation,
    go: (stage) => move({ equation: stage.label, layer: stage.layer }),
    choose: ({ row, column, term: summed }) => {
      hovered.value = null; // a key moves away from where the pointer rests
      const named = { neuron: row, input: column, term: summed };
      const given = Object.entries(named).filter(([, x]) => x !== undefined && x !== null);
      move(Object.fromEntries(given) as Record<string, number>);
    },
    hover: (spot) => (hovered.value = spot),
  };
}

/** The entry in the address, or the largest one where it has none that this equation has. */
function spotOf(form: Form | null, sizes: readonly number[], texts: readonly string[]): Spot {
  const [row = 0, column = 0] = form?.largest ?? [];
  const [before = 0, width = 0, after = 0] = form ? sizes.slice(form.layer - 1) : [];
  const summed = form?.label === "BP2" ? after : width;
  return {
    row: indexOf(texts[0], width) ?? row,
    column: indexOf(texts[1], before) ?? column,
    term: indexOf(texts[2], summed),
  };
}

function indexOf(text: string | undefined, length: number): number | null {
  const number = text && /^\d{1,9}$/.test(text) ? Number(text) : length;
  return number < length ? number : null;
}
