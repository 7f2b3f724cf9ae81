import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { short } from "../format";
import { TextForm } from "./text-form";
import { useDark, useThemeColour } from "./theme";

export interface Series {
  readonly label: string;
  /** null where there is no number. */
  readonly y: ArrayLike<number | null>;
  /** A variable of the theme, such as "value" or "gradient". */
  readonly colour: string;
  readonly dash?: readonly number[];
  readonly points?: boolean;
  readonly line?: boolean;
  /** Whether its line goes on across places without a number. */
  readonly joined?: boolean;
}

interface PlotProps {
  readonly title: string;
  readonly x: ArrayLike<number>;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  readonly height?: number;
  readonly logX?: boolean;
  readonly logY?: boolean;
  /** Where a vertical line stands: what is looked at. */
  readonly mark?: number;
  readonly onPick?: (x: number) => void;
  /** How x is written on its axis, if not in three digits. */
  readonly xText?: (x: number) => string;
}

/** Curves over a common x, with a table of their numbers. */
export function Plot(props: PlotProps): JSX.Element {
  const { title, x, xLabel, series, height = 220 } = props;
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const dark = useDark();
  const colour = useThemeColour();
  const data = useMemo(() => columns(x, series), [x, series]);
  const shape = JSON.stringify([
    dark, height, title, props.logX, props.logY, xLabel, props.yLabel,
    series.map(({ y: _, ...look }) => look),
  ]);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(options(latest, element, colour), data, element);
    chart.current = made;
    const stop = resizing(made, element, height);
    return () => {
      stop();
      made.destroy();
      chart.current = null;
    };
  }, [shape]);
  useEffect(() => chart.current?.setData(data), [data]);
  useEffect(() => chart.current?.redraw(false), [props.mark]);
  return (
    <figure class="plot">
      <figcaption>{title}</figcaption>
      <div ref={place} class="plot-area" role="img" aria-label={`${title}: see its numbers`} />
      {isEmpty(series) && <p class="plot-empty soft">no numbers yet</p>}
      <TextForm
        title={title}
        head={[xLabel, ...series.map((s) => s.label)]}
        rows={() => Array.from(x, (at, i) => [at, ...series.map((s) => s.y[i] ?? "")])}
      />
    </figure>
  );
}

/** Keep a chart as wide as its element; returns what ends that. */
function resizing(chart: uPlot, element: HTMLElement, height: number): () => void {
  const resized = new ResizeObserver(() =>
    chart.setSize({ width: Math.max(120, element.clientWidth), height }),
  );
  resized.observe(element);
  return () => resized.disconnect();
}

function isEmpty(series: readonly Series[]): boolean {
  return series.every(({ y }) => Array.from(y).every((number) => number === null));
}

function columns(x: ArrayLike<number>, series: readonly Series[]): uPlot.AlignedData {
  return [Array.from(x), ...series.map((s) => Array.from(s.y))];
}

type Latest = { readonly current: PlotProps };

function options(
  latest: Latest,
  element: HTMLElement,
  colour: (name: string) => string,
): uPlot.Options {
  const { xLabel, yLabel, series, height = 220, logX = false, logY = false } = latest.current;
  const xText = (v: number): string => latest.current.xText?.(v) ?? short(v);
  const xValues = (_: uPlot, splits: (number | null)[]): string[] =>
    splits.map((v) => (v === null ? "" : (latest.current.xText?.(v) ?? short(v, 3))));
  return {
    width: Math.max(120, element.clientWidth),
    height,
    scales: { x: { time: false, distr: logX ? 3 : 1 }, y: { distr: logY ? 3 : 1 } },
    axes: [
      { ...axisOf(logX, colour), label: xLabel, values: xValues, size: 28 },
      { ...axisOf(logY, colour), label: yLabel, size: 58 },
    ],
    series: [
      { label: xLabel, value: (_, v) => (v === null ? "" : xText(v)) },
      ...series.map((s) => curveOf(s, colour)),
    ],
    cursor: { drag: { x: false, y: false } },
    legend: { markers: markers(series, colour) },
    hooks: {
      draw: [(u) => drawMark(u, latest.current.mark, colour("soft"))],
      ready: [(u) => u.over.addEventListener("click", () => pick(u, latest.current))],
    },
  };
}

function axisOf(isLog: boolean, colour: (name: string) => string): uPlot.Axis {
  const line = { stroke: colour("frame-line"), width: 0.5 };
  return {
    stroke: colour("soft"),
    grid: isLog ? { ...line, filter: decades } : line,
    ticks: line,
    font: "11px system-ui",
    labelFont: "12px system-ui",
    labelSize: 18,
    values: (_, splits: (number | null)[]) => splits.map((v) => (v === null ? "" : short(v, 3))),
  };
}

function curveOf(s: Series, colour: (name: string) => string): uPlot.Series {
  return {
    label: s.label,
    stroke: colour(s.colour),
    width: s.line === false ? 0 : 1.7,
    ...(s.dash && { dash: [...s.dash] }),
    spanGaps: s.joined ?? false,
    points: { show: s.points ?? false, size: 5, fill: colour(s.colour) },
    value: (_: uPlot, v: number | null) => (v === null ? "" : short(v)),
    ...(s.line === false && { class: "no-line" }),
  };
}

/** A piece of its line for each series in the legend; a disc (by the style) if it has only points. */
function markers(
  series: readonly Series[],
  colour: (name: string) => string,
): uPlot.Legend.Markers {
  const dashOf = (i: number): string => {
    const [first] = series[i - 1]?.dash ?? [];
    return first === undefined ? "solid" : first < 4 ? "dotted" : "dashed";
  };
  return {
    width: 2,
    stroke: (_, i) => colour(series[i - 1]?.colour ?? "soft"),
    dash: (_, i) => dashOf(i),
  };
}

/** Of a logarithmic axis only powers of ten have a line: all nine in between would be a carpet. */
function decades(_: uPlot, splits: number[]): (number | null)[] {
  return splits.map((v) => (Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-9 ? v : null));
}

function pick(u: uPlot, { onPick }: PlotProps): void {
  const left = u.cursor.left ?? -1;
  if (left >= 0) onPick?.(u.posToVal(left, "x"));
}

/** A vertical line where the reader stands. */
function drawMark(u: uPlot, x: number | undefined, colour: string): void {
  if (x === undefined) return;
  const { ctx, bbox } = u;
  const left = Math.round(u.valToPos(x, "x", true));
  if (left < bbox.left || left > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.setLineDash([4, 4]);
  ctx.beginPath();
  ctx.moveTo(left, bbox.top);
  ctx.lineTo(left, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}
