// Which derivatives the sweeps so far have found. No drawing.
import { positionOf } from "./drawn";
import type { Counted, Lockstep } from "./questions";

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
  answer: Lockstep,
  swept: ReadonlySet<number>,
  position: number,
): Found {
  const { forward, outputs, n, m, start } = answer;
  const reached = reachedBy(outputs, (name) => positionOf(forward, name), position);
  const isDone = position >= forward.length - 1;
  const done = new Set([...swept, ...(isDone ? [start] : [])].filter((i) => i < n));
  const partly = done.has(start) ? 0 : count(outputs, reached);
  return {
    sweeps: done.size,
    of: n,
    known: done.size * m + partly,
    all: n * m,
    knows: (j, i) => done.has(i) || (i === start && reached(j)),
  };
}

/** What reverse mode has found: whole rows, and of the one of this sweep what is computed. */
export function foundReverse(
  answer: Lockstep,
  pulled: ReadonlySet<number>,
  position: number,
): Found {
  const { reverse, inputs, n, m, end } = answer;
  const reached = reachedBy(inputs, (name) => positionOf(reverse, name), position);
  const isDone = position >= reverse.length - 1;
  const done = new Set([...pulled, ...(isDone ? [end] : [])].filter((j) => j < m));
  const partly = done.has(end) ? 0 : count(inputs, reached);
  return {
    sweeps: done.size,
    of: m,
    known: done.size * n + partly,
    all: n * m,
    knows: (j, i) => done.has(j) || (j === end && reached(i)),
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
