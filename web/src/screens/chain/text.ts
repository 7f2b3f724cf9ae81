// The chain as a text, which the address holds and the engine reads: "n8*w4*3w-2*frelu".
// The other side, with what each letter means, is src/chainrule/explorer/chains.py.

type Own = Readonly<Record<string, number>>;

export interface Chain {
  readonly neurons: number;
  readonly w: number;
  readonly b: number;
  readonly x: number;
  readonly y: number;
  readonly activation: string;
  readonly cost: string;
  /** Whether biases hold each z at 0. */
  readonly held: boolean;
  /** 0, or the seed of the random numbers that w and b are multiplied with. */
  readonly drawn: number;
  /** Weights and biases of neurons that are set apart, by their numbers from 1. */
  readonly ownW: Own;
  readonly ownB: Own;
}

export const FIRST: Chain = {
  neurons: 5, w: 1, b: 0, x: 0.8, y: 0, activation: "sigmoid", cost: "quadratic",
  held: false, drawn: 0, ownW: {}, ownB: {},
};

const NUMBERS = { n: "neurons", w: "w", b: "b", x: "x", y: "y", d: "drawn" } as const;

/** What the text says; parts that say nothing are for the engine to refuse. */
export function chainOf(text: string): Chain {
  const found: Record<string, unknown> = {};
  const ownW: Record<string, number> = {};
  const ownB: Record<string, number> = {};
  for (const part of text.split("*")) {
    const [, neuron, key = "", value = ""] = /^(\d+)?([a-z])(.+)$/.exec(part) ?? [];
    const number = Number(value);
    if (key === "f") found["activation"] = value;
    else if (key === "c") found["cost"] = value;
    else if (!Number.isFinite(number)) continue;
    else if (neuron !== undefined && key === "w") ownW[neuron] = number;
    else if (neuron !== undefined && key === "b") ownB[neuron] = number;
    else if (key === "h") found["held"] = number !== 0;
    else if (key in NUMBERS) found[NUMBERS[key as keyof typeof NUMBERS]] = number;
  }
  return { ...FIRST, ...found, ownW, ownB };
}

/** The shortest text of a chain: what is as at first is left out. */
export function textOf(chain: Chain): string {
  const numbers = Object.entries(NUMBERS).map(([key, name]) =>
    chain[name] === FIRST[name] ? "" : key + plain(chain[name]),
  );
  const [n, w, b, x, y, d] = numbers;
  const parts = [
    n, w, b, x, y,
    chain.activation === FIRST.activation ? "" : `f${chain.activation}`,
    chain.cost === FIRST.cost ? "" : `c${chain.cost}`,
    chain.held ? "h1" : "",
    d,
    ...Object.entries(chain.ownW).map(([l, value]) => `${l}w${plain(value)}`),
    ...Object.entries(chain.ownB).map(([l, value]) => `${l}b${plain(value)}`),
  ];
  return parts.filter((part) => part).join("*");
}

/** A number without an exponent: no slider gives one that needs it. */
function plain(x: number): string {
  return String(Number(x.toFixed(4)));
}

/** What is nudged and by how much: "w1*0.1", "b3*-0.2", "x*0.1". */
export interface Nudge {
  readonly what: string;
  readonly by: number;
}

export const FIRST_NUDGE = "w1*0.1";

export function nudgeOf(text: string): Nudge {
  const [what = "w1", by = "0.1"] = text.split("*");
  return { what, by: Number(by) || 0.1 };
}

/** The neuron whose number it is; 0 of the input. */
export function neuronOf({ what }: Nudge): number {
  return Number(what.slice(1));
}

export function nudgeText({ what, by }: Nudge): string {
  return `${what}*${plain(by)}`;
}
