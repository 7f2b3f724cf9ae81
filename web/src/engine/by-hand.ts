// An engine for tests: its answers and events come when the test says so, in any order.
import { options } from "preact";
import type { Engine, EngineEvent, Params } from "./engine";

export interface Asked {
  readonly question: string;
  readonly params: Params;
  answer(value: unknown): void;
  refuse(why: string): void;
}

export interface ByHand {
  readonly engine: Engine;
  /** All that was asked, in order. */
  readonly asked: readonly Asked[];
  tell(event: EngineEvent): void;
}

export function engineByHand(): ByHand {
  const asked: Asked[] = [];
  let tell: (event: EngineEvent) => void = () => undefined;
  const engine: Engine = {
    live: true,
    ask: (question, params) =>
      new Promise((resolve, reject) => {
        const refuse = (why: string): void => reject(new Error(why));
        asked.push({ question, params, answer: resolve, refuse });
      }),
    listen: (listener) => {
      tell = listener;
      return () => undefined;
    },
  };
  return { engine, asked, tell: (event) => tell(event) };
}

// Effects run after a frame, which a test has none of
options.requestAnimationFrame = (effects) => setTimeout(effects);

/** What was under way is done: answers have arrived, and the page is drawn. */
export async function rested(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve));
}
