import type { ComponentType } from "preact";

/** One of the screens: what it is called, what it says, and its two parts. */
export interface Screen {
  readonly id: string;
  readonly title: string;
  /** What to do, in one or two short sentences. */
  readonly todo: string;
  /** What to see then. */
  readonly see: string;
  readonly Main: ComponentType;
  readonly Inspector: ComponentType;
}
