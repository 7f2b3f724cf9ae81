// The training steps that can be looked at: asked for once, then kept up to date by events. A page
// has one list of them, so that a screen which opens later knows what was told before.
import { signal } from "@preact/signals";
import type { Engine } from "./engine/engine";

export class Steps {
  /** Null until somebody wanted them and the engine said which there are. */
  readonly known = signal<readonly number[] | null>(null);
  private wanted = false;
  /** Whether the answer is here, or on its way. */
  private asked = false;
  /** Counts questions and events: an answer holds only if it is the first, or none is newer. */
  private latest = 0;

  constructor(private readonly engine: Engine) {}

  /** Ask for them, unless somebody has. */
  want(): void {
    this.wanted = true;
    if (!this.asked) void this.ask();
  }

  /** What an event says. */
  tell(steps: readonly number[]): void {
    this.latest += 1;
    this.known.value = steps;
  }

  /** Ask again: events may have been missed. */
  renew(): void {
    if (this.wanted) void this.ask();
  }

  private async ask(): Promise<void> {
    this.asked = true;
    const question = (this.latest += 1);
    try {
      const answer = (await this.engine.ask("session.steps", {})) as { steps: readonly number[] };
      const isFirst = this.known.value === null;
      if (isFirst || question === this.latest) this.known.value = answer.steps;
    } catch {
      if (question === this.latest) this.asked = false; // whoever wants them next asks again
    }
  }
}
