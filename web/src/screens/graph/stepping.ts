// Where positions of the sweep go, what lines gave, and changed arguments. No drawing.
import type { Stop } from "../../parts/graph-drawn";
import type { Drawn, LineValue } from "./questions";

/** The position that shows a moment: the first at which all up to it is known. */
export function positionOf(stops: readonly Stop[], moment: number): number {
  const found = stops.findIndex((stop) => stop.at >= moment);
  return found < 0 ? stops.length - 1 : found;
}

/** The position at which a box is computed, in the half of the sweep that `at` is in. */
export function positionOfBox(stops: readonly Stop[], box: string, at: number): number {
  const backwards = stops.findIndex((stop) => stop.phase === "seed") <= at;
  const wanted = backwards ? "backward" : "forward";
  const here = stops.findIndex((stop) => stop.box === box && stop.phase === wanted);
  return here >= 0 ? here : stops.findIndex((stop) => stop.box === box);
}

/** What the lines gave up to a moment: of each its newest values. */
export function valuesAt(drawn: Drawn, moment: number): ReadonlyMap<number, readonly LineValue[]> {
  const found = new Map<number, LineValue[]>();
  for (const value of drawn.source.values) {
    if (moment < value.at) continue;
    const before = found.get(value.line) ?? [];
    found.set(value.line, before[0]?.at === value.at ? [...before, value] : [value]);
  }
  return found;
}

/** The lines that a box belongs to. */
export function linesOf(drawn: Drawn, box: string): readonly number[] {
  return drawn.source.lines.flatMap((line, i) => (line.boxes.includes(box) ? [i] : []));
}

/** The arguments that were changed as the address has them: "a=3;x=1 2". */
export function inputsText(changed: ReadonlyMap<string, readonly number[]>): string {
  return [...changed].map(([name, numbers]) => `${name}=${numbers.join(" ")}`).join(";");
}

export function inputsOf(text: string): Map<string, readonly number[]> {
  const parts = text === "" ? [] : text.split(";");
  return new Map(
    parts.map((part) => {
      const [name = "", numbers = ""] = part.split("=");
      return [name, numbers.split(" ").map(Number)];
    }),
  );
}
