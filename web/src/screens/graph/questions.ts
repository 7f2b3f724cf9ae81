// What this screen asks, and what src/chainrule/explorer/screens/graph.py answers.
import type { Param } from "../../engine/engine";
import { useAnswer, type Answer } from "../../engine/answers";
import type { Tensor } from "../../engine/wire";
import { NETWORK, useAt } from "../../moment";
import type { DrawnGraph, Stop } from "../../parts/graph-drawn";
import { useText } from "../../place";

export interface SourceLine {
  readonly file: string;
  readonly number: number;
  readonly text: string;
  readonly boxes: readonly string[];
}

/** A variable that a line made. */
export interface LineValue {
  readonly line: number;
  readonly at: number;
  readonly name: string;
  readonly value: string;
  readonly bar: string;
  readonly gradient: string;
  readonly back: number;
}

export interface Source {
  readonly lines: readonly SourceLine[];
  readonly values: readonly LineValue[];
}

export interface Argument {
  readonly name: string;
  readonly variable: string;
  readonly type: string;
  readonly short: string;
  /** Empty if it cannot be changed here. */
  readonly numbers: readonly number[];
}

export interface Choice {
  readonly key: string;
  readonly text: string;
}

export interface Drawn extends DrawnGraph {
  readonly problem: "";
  readonly of: Choice & { readonly latex: string };
  readonly choices: readonly Choice[];
  readonly arguments: readonly Argument[];
  readonly all_groups: readonly string[];
  readonly stops: readonly Stop[];
  readonly source: Source;
}

/** What went wrong in the user's function. */
export interface Broken {
  readonly problem: string;
  readonly line: number;
  readonly source: Source;
}

export interface Term {
  readonly latex: string;
  readonly text: string;
  readonly to: string;
  /** "ē · ∂e/∂c", if the equation is one of single numbers. */
  readonly chain: string;
  readonly right: string;
  readonly numbers: string;
  readonly value: string;
  readonly when: readonly string[];
}

export interface Back {
  readonly variable: string;
  readonly latex: string;
  readonly text: string;
  readonly rules: readonly Term[];
  readonly sum: {
    readonly latex: string;
    readonly numbers: string;
    readonly value: string;
    readonly terms: number;
    readonly of: number;
  };
}

export interface Variable {
  readonly name: string;
  readonly latex: string;
  readonly bar: string;
  readonly type: string;
  readonly value: number | boolean | Tensor | null;
  readonly short: string;
  readonly gradient: number | Tensor | null;
  readonly short_gradient: string;
  readonly at: number;
  readonly back: number;
}

export interface Rule {
  readonly problem: string;
  readonly forward: {
    readonly latex: string;
    readonly text: string;
    readonly numbers: string;
    readonly value: string;
    readonly results: readonly Variable[];
    readonly operands: readonly string[];
  } | null;
  readonly backward: readonly Back[];
  readonly title?: string;
  readonly body: readonly {
    readonly source: string;
    readonly latex: string;
    readonly backward: readonly string[];
  }[];
}

export type Asked = Readonly<Record<string, Param>>;

/** Which function is looked at, where; null until the training step is known. */
function useAsked(): Asked | null {
  const [name] = useText("function");
  const [inputs] = useText("inputs");
  const [of] = useText("of");
  const isNetwork = name === NETWORK;
  const at = useAt(isNetwork);
  if (!isNetwork) return { function: name, inputs, of };
  return at && { function: name, inputs, of, ...at };
}

/** The keys of the groups that are open, and how to open others. */
export function useOpen(): [readonly string[], (open: readonly string[]) => void] {
  const [text, set] = useText("open");
  return [text === "" ? [] : text.split(","), (open) => set(open.join(","))];
}

export function usePicture(): Answer<Drawn | Broken> {
  const asked = useAsked();
  const [open] = useOpen();
  return useAnswer<Drawn | Broken>("graph.picture", asked && { ...asked, open });
}

/** The picture, if there is one; that of the question before while another is on its way. */
export function useDrawn(): Drawn | null {
  const { value } = usePicture();
  return value && value.problem === "" ? (value as Drawn) : null;
}

export function useRule(equation: number): Answer<Rule> {
  const asked = useAsked();
  return useAnswer<Rule>("graph.rule", asked && equation >= 0 ? { ...asked, equation } : null);
}

export function useVariable(name: string): Answer<Variable> {
  const asked = useAsked();
  return useAnswer<Variable>("graph.variable", asked && name ? { ...asked, name } : null);
}
