// Where the reader stands on this screen, and what the engine answers to it.
import { useAnswer, type Answer } from "../../engine/answers";
import { useNumber, useText } from "../../place";
import type { ChainNumbers } from "./numbers";
import { chainOf, FIRST_NUDGE, neuronOf, nudgeOf, nudgeText, textOf } from "./text";
import type { Chain, Nudge } from "./text";

export interface ChainState {
  readonly text: string;
  readonly chain: Chain;
  readonly nudge: Nudge;
  /** The neuron that is looked at, from 1. */
  readonly at: number;
  set(change: Partial<Chain>): void;
  setText(text: string): void;
  setNudge(nudge: Nudge): void;
  setAt(neuron: number): void;
}

export function useChain(): ChainState {
  const [text, setAddress] = useText("chain");
  const [nudgeAddress, setNudgeAddress] = useText("cascade", FIRST_NUDGE);
  const [at, setAt] = useNumber("link", 1);
  const chain = chainOf(text);
  const nudge = nudgeOf(nudgeAddress);
  const setText = (next: string): void => {
    setAddress(next);
    if (neuronOf(nudge) > chainOf(next).neurons) setNudgeAddress(FIRST_NUDGE);
  };
  return {
    text,
    chain,
    nudge,
    at: Math.max(1, Math.min(Math.round(at), chain.neurons)),
    set: (change) => setText(textOf({ ...chain, ...change })),
    setText,
    setNudge: (next) => setNudgeAddress(nudgeText(next)),
    setAt,
  };
}

export function useChainNumbers({ text }: ChainState): Answer<ChainNumbers> {
  const [nudge] = useText("cascade", FIRST_NUDGE);
  return useAnswer<ChainNumbers>("chain.numbers", { chain: text, nudge });
}
