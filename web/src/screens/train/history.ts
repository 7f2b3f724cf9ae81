// How training went, as the engine tells it: the whole at first, then what each report adds.
import type { Tensor } from "../../engine/wire";

/** Where training stands; the facts of the event "training". */
export interface Standing {
  readonly status: "ready" | "compiling" | "running" | "paused" | "diverged" | "failed";
  readonly message: string;
  readonly step: number;
  /** The earliest and the latest step that can be looked at. */
  readonly first: number;
  readonly last: number;
  readonly epoch: number;
  readonly batch: number;
  readonly batches: number;
  readonly batch_size: number;
  readonly eta: number;
  readonly seed: number;
  /** Examples a second; null while it rests. */
  readonly rate: number | null;
  readonly report: number;
}

/** What can be drawn of one layer over the steps. */
export const QUANTITIES = [
  "nabla_w", "nabla_b", "delta", "weights", "update", "saturated", "dead",
] as const;
export type Quantity = (typeof QUANTITIES)[number];
export type OfLayer = Readonly<Record<Quantity, number | null>>;

/** What was seen after a step; null where there is no number. */
export interface Point {
  readonly step: number;
  readonly epoch: number;
  readonly eta: number;
  readonly mean: number | null;
  readonly recent: number | null;
  readonly cost: number | null;
  readonly sample_cost: number | null;
  readonly sample_score: number | null;
  readonly layers: Readonly<Record<string, OfLayer>>;
}

/** What was seen at the end of an epoch. */
export interface End {
  readonly step: number;
  readonly epoch: number;
  readonly cost: number | null;
  readonly validation: number | null;
  readonly score: number | null;
}

/** What stays the same from report to report. */
export interface Terms {
  readonly score: "accuracy" | "r2";
  readonly inits: readonly string[];
  /** How the network's own weights were drawn. */
  readonly init: string;
  readonly largest_batch: number;
  readonly held_out: number;
  readonly sample: number;
  readonly saturated_below: number;
}

export interface History {
  readonly standing: Standing;
  readonly terms: Terms;
  readonly points: readonly Point[];
  readonly ends: readonly End[];
}

/** The answer to train.history: points by columns. */
export type Answered = Standing & Terms & { readonly points: Columns; readonly ends: readonly End[] };

const BESIDE = ["eta", "mean", "recent", "cost", "sample_cost", "sample_score"] as const;

type Columns = { readonly [name in (typeof BESIDE)[number]]: Tensor } & {
  readonly step: readonly number[];
  readonly epoch: readonly number[];
  readonly layers: Readonly<Record<string, Readonly<Record<Quantity, Tensor>>>>;
};

/** The facts of an event "training": with what was seen, unless nothing was looked at. */
export type Told = Standing & { readonly point?: Point; readonly ends?: readonly End[] };

export function historyOf(answer: Answered): History {
  const {
    points, ends, score, inits, init, largest_batch, held_out, sample, saturated_below, ...standing
  } = answer;
  const terms = { score, inits, init, largest_batch, held_out, sample, saturated_below };
  return { standing, terms, points: pointsOf(points), ends };
}

function pointsOf(columns: Columns): Point[] {
  return columns.step.map((step, i) => {
    const beside = numbers(BESIDE, columns, i);
    const layers = Object.entries(columns.layers).map(([n, of]) => [n, numbers(QUANTITIES, of, i)]);
    return {
      ...beside,
      step,
      epoch: columns.epoch[i] ?? 0,
      eta: beside.eta ?? NaN,
      layers: Object.fromEntries(layers) as Record<string, OfLayer>,
    };
  });
}

function numbers<N extends string>(
  names: readonly N[],
  columns: Readonly<Record<N, Tensor>>,
  i: number,
): Record<N, number | null> {
  const found = names.map((name) => {
    const x = columns[name].at(i);
    return [name, Number.isFinite(x) ? x : null];
  });
  return Object.fromEntries(found) as Record<N, number | null>;
}

const MOST = 1500; // points, until the engine is asked for its own, which are fewer

/** The history with a report added; null if one was missed, so that all must be asked anew. */
export function withReport(history: History, told: Told): History | null {
  const { point, ends = [], ...standing } = told;
  const missed = standing.report - history.standing.report;
  if (missed <= 0) return history; // an old one, that the answer had already
  if (missed > 1 || history.points.length > MOST) return null;
  return {
    ...history,
    standing,
    points: point ? placed(history.points, point) : history.points,
    ends: ends.reduce<readonly End[]>(placed, history.ends),
  };
}

/** With one more, in its place by step; one of the same step gives way. */
function placed<T extends { readonly step: number }>(all: readonly T[], one: T): readonly T[] {
  const last = all.at(-1);
  if (!last || last.step < one.step) return [...all, one];
  return [...all.filter((x) => x.step !== one.step), one].sort((a, b) => a.step - b.step);
}
