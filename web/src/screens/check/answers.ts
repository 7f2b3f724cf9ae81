// What the engine says of a check, and where the reader stands.
import { useAnswer, type Answer } from "../../engine/answers";
import type { Tensor } from "../../engine/wire";
import { useAt } from "../../moment";
import { useNumber, useText } from "../../place";

export interface ArrayErrors {
  readonly name: string;
  readonly shape: readonly number[];
  readonly checked: number;
  readonly wrong: number;
  readonly unclear: number;
  readonly gap: number;
  readonly derivative: number;
  /** The one factor by which all of the array are off; null if there is none. */
  readonly ratio: number | null;
}

export interface Offender {
  readonly name: string;
  readonly analytic: number;
  readonly numeric: number;
  readonly gap: number;
  readonly allowed: number;
  readonly wrong: boolean;
}

export interface Histogram {
  /** Powers of ten. */
  readonly edges: readonly number[];
  readonly right: readonly number[];
  readonly wrong: readonly number[];
  readonly zero: number;
}

/** Of each parameter; NaN where none was compared, and the error negative where it is wrong. */
export interface Image {
  readonly analytic: Tensor;
  readonly numeric: Tensor;
  readonly error: Tensor;
}

/** The answer to check.compare. */
export interface Compared {
  readonly parameters: number;
  readonly checked: number;
  readonly wrong: number;
  readonly step: number;
  readonly symptom: string;
  readonly arrays: readonly ArrayErrors[];
  readonly worst: readonly Offender[];
  readonly histogram: Histogram;
  readonly images: Readonly<Record<string, Image>>;
  /** Rows and columns of the picture that the inputs are; null if they are none. */
  readonly tile: readonly [number, number] | null;
}

export interface Precision {
  readonly quotient: readonly number[];
  readonly error: readonly number[];
  readonly forward: readonly number[];
  readonly best: number;
}

/** The answer to check.curve. */
export interface VCurve {
  readonly parameter: string;
  readonly derivative: number;
  readonly steps: readonly number[];
  readonly double: Precision;
  readonly single: Precision;
}

export interface Choices {
  readonly mistakes: Readonly<Record<string, string>>;
  readonly small: readonly number[];
  readonly functions: readonly string[];
}

export interface Code {
  readonly lines: readonly string[];
  readonly wrong: readonly { readonly line: number; readonly right: string }[];
}

/** The answer to check.function. */
export interface Ways {
  readonly agrees: boolean;
  /** The report, or where two ways disagree and what is to blame. */
  readonly text: string;
  readonly numbers?: number;
  readonly comparisons: readonly {
    readonly order: number;
    readonly ways: readonly [string, string];
    readonly gap: number;
    readonly allowed: number;
  }[];
  readonly differences?: string;
  readonly notes?: readonly string[];
}

const FUNCTION = "f*"; // before the name of a function in the address

export interface CheckState {
  /** "network", "small", or a function: "f*essay". */
  readonly subject: string;
  /** The name of the function; null where a network is checked. */
  readonly function: string | null;
  readonly examples: number;
  readonly every: boolean;
  /** "" checks the engine's own gradient. */
  readonly mistake: string;
  /** "w1*3*402"; "" is the one with the largest derivative. */
  readonly parameter: string;
  setSubject(subject: string): void;
  setExamples(examples: number): void;
  setEvery(every: boolean): void;
  setMistake(mistake: string): void;
  setParameter(parameter: string): void;
}

export function useCheck(): CheckState {
  const [subject, setSubject] = useText("check", "network");
  const [examples, setExamples] = useNumber("batch", 10);
  const [every, setEvery] = useText("every");
  const at = useAt();
  // All parameters are checked of one case: the next example would take as long again, unasked
  const here = at ? [subject, at.step, at.example, examples].join("*") : "";
  const [mistake, setMistake] = useText("mistake");
  const [parameter, setParameter] = useText("parameter");
  return {
    subject,
    function: subject.startsWith(FUNCTION) ? subject.slice(FUNCTION.length) : null,
    every: every !== "" && every === here,
    mistake, parameter, examples, setExamples, setMistake, setParameter,
    setEvery: (on) => setEvery(on ? here : ""),
    setSubject: (next) => {
      setSubject(next);
      setParameter("");
    },
  };
}

function useCase(state: CheckState): Record<string, string | number> | null {
  const at = useAt();
  const { subject, examples } = state;
  return at && state.function === null ? { ...at, subject, examples } : null;
}

export function useCompared(state: CheckState): Answer<Compared> {
  const at = useCase(state);
  const { every, mistake } = state;
  return useAnswer<Compared>("check.compare", at && { ...at, every, mistake });
}

export function useCurve(state: CheckState): Answer<VCurve> {
  const at = useCase(state);
  const { mistake, parameter } = state;
  return useAnswer<VCurve>("check.curve", at && { ...at, mistake, parameter });
}

export function useWays(name: string): Answer<Ways> {
  return useAnswer<Ways>("check.function", { function: name });
}

/** What the address says of a function. */
export function subjectOf(name: string): string {
  return FUNCTION + name;
}

export function useCode({ subject, mistake }: CheckState): Answer<Code> {
  const at = useAt();
  const wanted = mistake !== "" && at ? { subject, step: at.step, mistake } : null;
  return useAnswer<Code>("check.code", wanted);
}
