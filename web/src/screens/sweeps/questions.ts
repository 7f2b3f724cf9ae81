// What this screen asks, and what src/chainrule/explorer/screens/sweeps.py answers.
import { signal, type Signal } from "@preact/signals";
import { useContext } from "preact/hooks";
import { useAnswer, type Answer } from "../../engine/answers";
import type { Params } from "../../engine/engine";
import type { Tensor } from "../../engine/wire";
import { NETWORK, useAt } from "../../moment";
import { PageContext, type Page } from "../../page";
import type { GraphEdge, GraphGroup, GraphNode } from "../../parts/graph-drawn";
import { useNumber, useText } from "../../place";

/** A variable whose numbers are counted through, from `first` on. */
export interface Counted {
  readonly name: string;
  readonly size: number;
  readonly shape: readonly number[];
  readonly first: number;
}

/** A tangent or a cotangent: what stands between its signs of equality, and its number. */
export interface Sum {
  readonly variable: string;
  readonly name: string;
  /** "start" where the sweep starts, "other" at other inputs, "none" where no path leads. */
  readonly kind: "start" | "other" | "none" | "sum";
  readonly latex: readonly string[];
  readonly text: readonly string[];
  readonly short: string;
  /** What fits into a box. */
  readonly brief: string;
  readonly value: number | Tensor | null;
}

export interface Step {
  readonly box: string;
  readonly sums: readonly Sum[];
}

/** The local derivative on a line, between two single numbers. */
export interface Derivative {
  readonly start: string;
  readonly end: string;
  readonly variable: string;
  readonly text: string;
}

export interface OnPicture {
  readonly function: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly groups: readonly GraphGroup[];
  readonly derivatives: readonly Derivative[];
}

export interface Lockstep extends OnPicture {
  readonly inputs: readonly Counted[];
  readonly outputs: readonly Counted[];
  readonly n: number;
  readonly m: number;
  readonly start: number;
  readonly end: number;
  readonly start_text: string;
  readonly end_text: string;
  readonly forward: readonly Step[];
  readonly reverse: readonly Step[];
  /** Outputs times inputs; null if they are very many. */
  readonly jacobian: Tensor | null;
}

/** A whole number of any size. */
export interface Whole {
  readonly text: string;
  readonly short: string;
  readonly few: boolean;
}

export interface Path {
  readonly names: readonly string[];
  readonly boxes: readonly string[];
  readonly factors: readonly number[];
  readonly product: number;
}

export interface PathSum {
  readonly from: string;
  readonly to: string;
  readonly gradient: number;
  readonly count: Whole;
  readonly absolute: number;
  readonly factored: Whole;
  readonly unfactored: Whole;
  readonly paths: readonly Path[];
  readonly rest: number;
  readonly left_out: Whole;
}

export interface Merge {
  readonly name: string;
  readonly end: string;
  readonly uses: readonly {
    readonly to: string;
    readonly derivative: number;
    readonly cotangent: number;
  }[];
  readonly total: number;
}

export interface Paths extends OnPicture, PathSum {
  readonly variables: readonly Counted[];
  readonly start: number;
  readonly end: number;
  readonly merges: readonly Merge[];
  readonly factors: readonly PathSum[];
}

export const WAYS = ["evaluation", "forward", "reverse", "differences"] as const;
export type Way = (typeof WAYS)[number];

export interface Timing {
  readonly sweeps: number;
  readonly measured: number;
  readonly runs: number;
  readonly milliseconds: number;
  readonly each: number;
}

export interface Measured {
  readonly inputs: number;
  readonly outputs: number;
  readonly error: number;
  readonly difference_error: number;
  readonly ways: Readonly<Record<Way, Timing>>;
}

export interface Curve {
  readonly sizes: readonly number[];
  readonly points: readonly Measured[];
}

export interface Choices {
  readonly functions: readonly { readonly name: string; readonly says: string }[];
}

/** Which function is looked at, where; null until the training step is known. */
function useFunction(): Params | null {
  const [name] = useText("function");
  const [inputs] = useText("inputs");
  const isNetwork = name === NETWORK;
  const at = useAt(isNetwork);
  if (!isNetwork) return { function: name, inputs };
  return at && { function: name, inputs, ...at };
}

export function useChoices(): Answer<Choices> {
  return useAnswer<Choices>("sweeps.functions", {});
}

export function useLockstep(): Answer<Lockstep> {
  const asked = useFunction();
  const [start] = useNumber("seed", -1);
  const [end] = useNumber("end", 0);
  return useAnswer<Lockstep>("sweeps.lockstep", asked && { ...asked, start, end });
}

export function usePaths(): Answer<Paths> {
  const asked = useFunction();
  const [start] = useNumber("path-from", -1);
  const [end] = useNumber("path-to", -1);
  return useAnswer<Paths>("sweeps.paths", asked && { ...asked, start, end });
}

const RUNS = new WeakMap<Page, Signal<number>>();

/**
 * How often all was measured again, one number for all that shows times, and what does so once
 * more. It is not in the address: after a reload all is measured anew.
 */
export function useRun(): readonly [number, () => void] {
  const page = useContext(PageContext);
  const run = RUNS.get(page) ?? signal(0);
  RUNS.set(page, run);
  return [run.value, () => (run.value += 1)];
}

/** How long all derivatives of the function take. */
export function useTimes(): Answer<Measured> {
  const asked = useFunction();
  const [run] = useRun();
  return useAnswer<Measured>("sweeps.times", asked && { ...asked, run });
}

/** The same for the cost of the network at the step and example. */
export function useNetworkTimes(): Answer<Measured> {
  const at = useAt();
  const [run] = useRun();
  return useAnswer<Measured>(
    "sweeps.times",
    at && { function: NETWORK, inputs: "", ...at, run },
  );
}

export function useCurve(outputs: number): Answer<Curve> {
  const [run] = useRun();
  return useAnswer<Curve>("sweeps.curve", { outputs, run });
}
