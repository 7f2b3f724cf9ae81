// Chains to begin with, each with a sentence that says why.
import type { JSX } from "preact";
import { useLive } from "../../engine/answers";
import { Segments } from "../../parts/segments";
import type { ChainState } from "./state";

interface Preset {
  readonly name: string;
  readonly chain: string;
  readonly why: string;
}

export const PRESETS: readonly Preset[] = [
  {
    name: "Vanishing",
    chain: "n8*b1*d3",
    why:
      "Weights and biases are normal random numbers. Slopes are at most 1/4, so nearly every " +
      "pair |w σ′(z)| is below 1, and the product shrinks.",
  },
  {
    name: "Large w alone",
    chain: "n6*w100",
    why:
      "Weights of 100 do not help: they make z large, where σ is flat and its slope nearly 0. " +
      "The product vanishes all the faster.",
  },
  {
    name: "Exploding",
    chain: "n6*w100*h1",
    why:
      "Weights of 100, and biases b = −100 a that hold each z at 0, where the slope is 1/4: " +
      "every neuron on the way back multiplies by 25.",
  },
  {
    name: "Balanced",
    chain: "n8*w4*h1",
    why:
      "With w = 4 and z held at 0 each pair is 4 · 1/4 = 1, and the error keeps its size. " +
      "Move w a little, and it no longer does.",
  },
  {
    name: "Rectifiers",
    chain: "n8*frelu",
    why:
      "The slope of relu is 1 wherever z is positive. With w = 1 every factor is 1: as deep as " +
      "you like, nothing is lost.",
  },
];

const WITHOUT = "Every neuron brings two factors to the derivative: its weight and its slope.";

export function Presets({ state }: { readonly state: ChainState }): JSX.Element {
  const live = useLive();
  const chosen = PRESETS.find((preset) => preset.chain === state.text);
  return (
    <div class="chain-presets">
      <Segments
        label="Chains to begin with"
        options={PRESETS.map(({ name, chain }) => [chain, name] as const)}
        value={state.text}
        without={live ? [] : PRESETS.map(({ chain }) => chain)}
        onChange={state.setText}
      />
      <p>{chosen?.why ?? WITHOUT}</p>
    </div>
  );
}
