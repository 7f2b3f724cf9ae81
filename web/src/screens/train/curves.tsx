// Curves over the training steps: cost, how many are right, and what happens in each layer.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { count } from "../../format";
import { useMoment } from "../../moment";
import { Plot, type Series } from "../../parts/plot";
import { useText } from "../../place";
import { QUANTITIES, type End, type History, type Point, type Quantity } from "./history";
import { NAMES } from "./names";

const HEIGHT = 160;
const FEW = 40; // points that are drawn as such
const COLOURS = ["value", "gradient", "output-line", "forward-line", "group-line", "soft"];
const DASHES = [[], [6, 3], [2, 3]];

export function Curves({ history }: { readonly history: History }): JSX.Element {
  const { points, ends, terms } = history;
  const { step, setStep } = useMoment();
  const x = useMemo(() => stepsOf(points, ends), [points, ends]);
  const cost = useMemo(() => costSeries(x, history), [x, history]);
  const score = useMemo(() => scoreSeries(x, history), [x, history]);
  const pick = (at: number): void => {
    const last = history.standing.last;
    setStep(at >= last ? null : Math.max(history.standing.first, Math.round(at)));
  };
  const shared = { x, xLabel: "training step", height: HEIGHT, onPick: pick, xText: stepText, ...mark(step) };
  return (
    <section class="train-curves" aria-label="Curves">
      <Plot title="Cost" yLabel="cost" logY series={cost} {...shared} />
      <Plot
        title={terms.score === "accuracy" ? "Accuracy on held-out examples" : "R² on held-out examples"}
        yLabel={terms.score === "accuracy" ? "accuracy" : "R²"}
        series={score}
        {...shared}
      />
      <LayerCurves points={points} onPick={pick} step={step} />
    </section>
  );
}

interface LayerCurvesProps {
  readonly points: readonly Point[];
  readonly step: number | null;
  readonly onPick: (step: number) => void;
}

/** One quantity in each layer. */
function LayerCurves({ points, step, onPick }: LayerCurvesProps): JSX.Element {
  const [text, setText] = useText("quantity", "update");
  const chosen = QUANTITIES.find((q) => q === text) ?? "update";
  const x = useMemo(() => points.map((p) => p.step), [points]);
  const series = useMemo(() => layerSeries(points, chosen), [points, chosen]);
  const { title, axis, log } = NAMES[chosen];
  return (
    <div class="train-layers">
      <label>
        <span class="unseen">What is drawn of each layer</span>
        <select value={chosen} onChange={(event) => setText(event.currentTarget.value)}>
          {QUANTITIES.map((q) => (
            <option key={q} value={q}>
              {NAMES[q].title}
            </option>
          ))}
        </select>
      </label>
      <Plot
        title={title}
        x={x}
        xLabel="training step"
        yLabel={axis}
        logY={log}
        height={HEIGHT}
        series={series}
        onPick={onPick}
        xText={stepText}
        {...mark(step)}
      />
    </div>
  );
}

function stepText(step: number): string {
  return step >= 10_000 ? `${count(step / 1000)}k` : count(step);
}

function mark(step: number | null): { mark?: number } {
  return step === null ? {} : { mark: step };
}

function stepsOf(points: readonly Point[], ends: readonly End[]): number[] {
  const all = new Set([...points, ...ends].map((p) => p.step));
  return [...all].sort((a, b) => a - b);
}

function along<T extends { readonly step: number }>(
  x: readonly number[],
  from: readonly T[],
  of: (one: T) => number | null,
): (number | null)[] {
  const known = new Map(from.map((one) => [one.step, of(one)]));
  return x.map((step) => known.get(step) ?? null);
}

function costSeries(x: readonly number[], { points, ends, terms }: History): Series[] {
  const series: Series[] = [
    {
      label: "training", y: along(x, points, (p) => above(p.recent)), colour: "value",
      joined: true, points: points.length < FEW,
    },
    {
      label: "training, whole epoch", y: along(x, ends, (e) => above(e.cost)), colour: "soft",
      dash: [6, 3], joined: true, points: true,
    },
  ];
  if (terms.held_out > 0) {
    series.push({
      label: `${count(terms.held_out)} held-out`, y: along(x, ends, (e) => above(e.validation)),
      colour: "output-line", dash: [2, 3], joined: true, points: true,
    });
  }
  return series;
}

function scoreSeries(x: readonly number[], { points, ends, terms }: History): Series[] {
  const series: Series[] = [
    {
      label: `${count(terms.sample)} of them, at any step`,
      y: along(x, points, (p) => p.sample_score),
      colour: "value", joined: true, points: points.length < FEW,
    },
  ];
  if (terms.held_out > 0) {
    series.push({
      label: `all ${count(terms.held_out)}, each epoch`,
      y: along(x, ends, (e) => e.score),
      colour: "output-line", dash: [2, 3], joined: true, points: true,
    });
  }
  return series;
}

function layerSeries(points: readonly Point[], quantity: Quantity): Series[] {
  const layers = Object.keys(points.at(-1)?.layers ?? {});
  return layers.map((n, i) => ({
    label: `layer ${n}`,
    y: points.map((p) => {
      const found = p.layers[n]?.[quantity] ?? null;
      return NAMES[quantity].log ? above(found) : found;
    }),
    colour: COLOURS[i % COLOURS.length] ?? "value",
    dash: DASHES[i % DASHES.length] ?? [],
    joined: true,
    points: points.length < FEW,
  }));
}

/** What a log axis can show. */
function above(x: number | null): number | null {
  return x !== null && x > 0 ? x : null;
}
