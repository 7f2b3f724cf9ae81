// The network that all screens look at, and the moment: the training step and the example.
import { useContext, useEffect } from "preact/hooks";
import { useAnswer, type Answer } from "./engine/answers";
import type { Tensor } from "./engine/wire";
import { PageContext } from "./page";
import { useNumber, useText } from "./place";

/** The cost of the network, among the names of functions. */
export const NETWORK = "@network";

/** The answer to session.about. */
export interface About {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly activations: readonly string[];
  readonly cost: string;
  readonly data: string;
  readonly classes: readonly string[];
  readonly features: readonly string[];
  readonly shape: readonly number[];
  readonly target: string;
  readonly examples: { readonly test: number; readonly train: number };
  readonly eta: number;
  readonly batch_size: number;
}

export type ByLayer = Readonly<Record<string, Tensor>>;

/** The answer to session.record: z, a, delta (dC/dz) and delta_a (dC/da) of one example. */
export interface Numbers {
  readonly z: ByLayer;
  readonly a: ByLayer;
  readonly delta: ByLayer;
  readonly delta_a: ByLayer;
  readonly cost: number;
  /** Where |δ| is largest: the layer, and in each layer the neuron. */
  readonly largest: Largest;
}

export interface Largest {
  readonly layer: number;
  readonly neurons: Readonly<Record<string, number>>;
}

/** The answer to session.parameters. */
export interface Parameters {
  readonly weights: ByLayer;
  readonly biases: ByLayer;
}

/** The answer to session.example. */
export interface Example {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly label: number | null;
}

export function useAbout(): Answer<About> {
  return useAnswer<About>("session.about", {});
}

/** The training steps that can be looked at, kept up to date while training goes on. */
export function useSteps(wanted = true): readonly number[] {
  const { steps } = useContext(PageContext);
  useEffect(() => {
    if (wanted) steps.want();
  }, [wanted, steps]);
  return steps.known.value ?? NONE;
}

const NONE: readonly number[] = [];

export interface Moment {
  /** The training step; null until it is known which there are. */
  readonly step: number | null;
  /** Whether the reader stands at the newest step, wherever that is. */
  readonly newest: boolean;
  readonly example: string;
  setStep(step: number | null): void;
  setExample(example: string): void;
}

/**
 * Where the reader stands. Without a step in the address, that is the newest one; it is unknown as
 * long as it is not `wanted`, for asking would wait for the network.
 */
export function useMoment(wanted = true): Moment {
  const steps = useSteps(wanted);
  const [text, setText] = useText("step");
  const [example, setExample] = useText("example", "0");
  const chosen = text === "" ? NaN : Number(text);
  const last = steps.at(-1) ?? null;
  const newest = !Number.isFinite(chosen);
  return {
    step: newest || last === null ? last : within(chosen, steps[0] ?? last, last),
    newest,
    example,
    setStep: (step) => setText(step === null ? "" : String(step)),
    setExample,
  };
}

/** A step that can be looked at: any that training has come by, kept or not. */
function within(step: number, first: number, last: number): number {
  return Math.min(Math.max(Math.round(step), first), last);
}

/** What questions about one example at one step have in common; null until the step is known. */
export function useAt(wanted = true): { step: number; example: string } | null {
  const { step, example } = useMoment(wanted);
  return step === null ? null : { step, example };
}

export function useNumbers(): Answer<Numbers> {
  return useAnswer<Numbers>("session.record", useAt());
}

export function useParameters(): Answer<Parameters> {
  const at = useAt();
  return useAnswer<Parameters>("session.parameters", at && { step: at.step });
}

/** The neuron that is looked at, the same on all screens. Layers count from 1, neurons from 0. */
export function useNeuron(): [number, number, (layer: number, neuron: number) => void] {
  const [layer, setLayer] = useNumber("layer", 1);
  const [neuron, setNeuron] = useNumber("neuron", 0);
  const set = (l: number, j: number): void => {
    setLayer(l);
    setNeuron(j);
  };
  return [layer, neuron, set];
}
