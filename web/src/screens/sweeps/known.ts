// Which derivatives the sweeps so far have found. No drawing.
import { positionOf } from "./drawn";
import type { Counted, Lockstep, Step } from "./questions";

/** The numbers of inputs or outputs as the address has them: "0;2". */
export function numbersOf(text: string): ReadonlySet<number> {
  return new Set(text.split(";").filter((part) => /^\d+$/.test(part)).map(Number));
}

export function textOf(numbers: ReadonlySet<number>): string {
  return [...numbers].sort((a, b) => a - b).join(";");
}

/** What a sweep is about to find, or has found. */
export interface Found {
  /** Sweeps that came to their end. */
  readonly sweeps: number;
  /** How many sweeps find all. */
  readonly of: number;
  /** How many derivatives are known, and of how many. */
  readonly known: number;
  readonly all: number;
  /** Whether the derivative of output j in input i is known. */
  readonly knows: (j: number, i: number) => boolean;
}

/** What forward mode has found: whole columns, and of the one of this sweep what is computed. */
export function foundForward(
  { forward, outputs, n, m, start }: Lockstep,
  swept: ReadonlySet<number>,
  position: number,
): Found {
  const sweep = { steps: forward, ends: outputs, starts: n, each: m, start };
  const found = foundBy(sweep, swept, position);
  return { ...found, knows: (j, i) => found.knows(i, j) };
}

/** What reverse mode has found: whole rows, and of the one of this sweep what is computed. */
export function foundReverse(
  { reverse, inputs, n, m, end }: Lockstep,
  pulled: ReadonlySet<number>,
  position: number,
): Found {
  const sweep = { steps: reverse, ends: inputs, starts: m, each: n, start: end };
  return foundBy(sweep, pulled, position);
}

interface Sweep {
  readonly steps: readonly Step[];
  /** What a sweep finds the derivatives of, or in. */
  readonly ends: readonly Counted[];
  /** How many numbers a sweep can start from. */
  readonly starts: number;
  /** How many derivatives each finds. */
  readonly each: number;
  readonly start: number;
}

/** What sweeps have found; `knows` asks for where a sweep starts, and then for where it leads. */
function foundBy(
  { steps, ends, starts, each, start }: Sweep,
  before: ReadonlySet<number>,
  position: number,
): Found {
  const reached = reachedBy(ends, (name) => positionOf(steps, name), position);
  const isDone = position >= steps.length - 1;
  const done = new Set([...before, ...(isDone ? [start] : [])].filter((i) => i < starts));
  const partly = done.has(start) ? 0 : count(ends, reached);
  return {
    sweeps: done.size,
    of: starts,
    known: done.size * each + partly,
    all: starts * each,
    knows: (from, to) => done.has(from) || (from === start && reached(to)),
  };
}

function reachedBy(
  counted: readonly Counted[],
  at: (name: string) => number,
  position: number,
): (number: number) => boolean {
  const positions = new Map(counted.map(({ name }) => [name, at(name)]));
  return (number) => {
    const variable = variableAt(counted, number);
    const computed = variable ? (positions.get(variable.name) ?? -1) : -1;
    return computed >= 0 && computed <= position;
  };
}

function count(counted: readonly Counted[], reached: (number: number) => boolean): number {
  return counted.reduce((sum, { first, size }) => sum + (reached(first) ? size : 0), 0);
}

/** The variable that a number is an entry of. */
export function variableAt(counted: readonly Counted[], number: number): Counted | undefined {
  return counted.find(({ first, size }) => number >= first && number < first + size);
}

/** What an entry is called: "W1[0, 3]". */
export function entryText(counted: readonly Counted[], number: number): string {
  const variable = variableAt(counted, number);
  if (!variable) return "";
  const { name, shape, first } = variable;
  if (shape.length === 0) return name;
  let rest = number - first;
  const index = [...shape].reverse().map((length) => {
    const at = rest % length;
    rest = (rest - at) / length;
    return at;
  });
  return `${name}[${index.reverse().join(", ")}]`;
}

/** The first number that no sweep has started from, or null. */
export function nextOf(done: ReadonlySet<number>, all: number): number | null {
  for (let i = 0; i < all; i++) if (!done.has(i)) return i;
  return null;
}
