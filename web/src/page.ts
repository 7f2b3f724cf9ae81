// One page: its engine, where it stands, and what the scrubber shows. Several can be open at once
// in a notebook, so nothing of this is global.
import { signal, type Signal } from "@preact/signals";
import { createContext, createRef } from "preact";
import { Answers } from "./engine/answers";
import type { Engine, EngineEvent } from "./engine/engine";
import type { Place } from "./place";
import type { Scrubs } from "./parts/scrubber";
import { Steps } from "./steps";

export class Page {
  /** Begins the ids of its elements: pages of several cells share a document. */
  readonly name = `cr${Math.random().toString(36).slice(2)}`;
  /** Its element, whose theme what is drawn on a canvas looks up. */
  readonly root = createRef<HTMLDivElement>();
  readonly answers: Answers;
  readonly steps: Steps;
  /** Grows when answers that were given hold no more. */
  readonly version = signal(0);
  readonly scrubs: Signal<Scrubs> = signal({});
  /** That the engine can be reached no more; "refused" if there is another one in its place. */
  readonly lost: Signal<false | "silent" | "refused"> = signal(false);
  private readonly listeners = new Set<(event: EngineEvent) => void>();
  private stop: (() => void) | null = null;

  constructor(
    readonly engine: Engine,
    readonly place: Signal<Place>,
  ) {
    this.answers = new Answers(engine);
    this.steps = new Steps(engine);
  }

  /** Begin to hear of events, and to forget answers that they make wrong. */
  open(): void {
    this.stop ??= this.engine.listen((event) => {
      if (event.name === "lost") this.lost.value = event.facts["refused"] ? "refused" : "silent";
      if (event.name === "begun") this.lost.value = false;
      if (event.name === "forgotten") this.renew();
      if (event.name === "steps") this.steps.tell(event.facts["steps"] as number[]);
      for (const listener of this.listeners) listener(event);
    });
  }

  close(): void {
    this.stop?.();
    this.stop = null;
  }

  listen(listener: (event: EngineEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Ask everything anew. */
  renew(): void {
    this.answers.forget();
    this.steps.renew();
    this.version.value += 1;
  }
}

export const PageContext = createContext<Page>(null as unknown as Page);
