// All derivatives of a function, by sweeps and by differences: measured while one waits.
import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { useLive } from "../../engine/answers";
import { count, counted, short } from "../../format";
import { PageContext } from "../../page";
import { Plot, type Series } from "../../parts/plot";
import { Pending } from "../../parts/problem";
import { useScrubber } from "../../parts/scrubber";
import { Slider } from "../../parts/slider";
import { TextForm } from "../../parts/text-form";
import { useNumber } from "../../place";
import {
  useCurve, useNetworkTimes, useRun, WAYS, type Curve, type Measured, type Way,
} from "./questions";
import { nearestSize, SIZES } from "./sizes";
import { howMeasured, milliseconds, NAMES, TimesTable, timesText } from "./times-table";

const LOOKS: Readonly<Record<Way, Pick<Series, "colour" | "dash">>> = {
  evaluation: { colour: "soft", dash: [2, 3] },
  forward: { colour: "forward-line" },
  reverse: { colour: "backward-line" },
  differences: { colour: "group-line", dash: [7, 4] },
};

function useSizes(): { n: number; m: number; setN(n: number): void; setM(m: number): void } {
  const [n, setN] = useNumber("n", 1000);
  const [m, setM] = useNumber("m", 1);
  return { n: nearestSize(n), m: nearestSize(m), setN, setM };
}

export function Times(): JSX.Element {
  useScrubber({ step: true, example: true }, []);
  return (
    <div class="times">
      <OfNetwork />
      <OverInputs />
      <MeasureAgain />
    </div>
  );
}

function MeasureAgain(): JSX.Element {
  const [, again] = useRun();
  const { engine } = useContext(PageContext);
  const live = useLive();
  return engine.live ? (
    <button type="button" disabled={!live} onClick={again}>
      Measure again
    </button>
  ) : (
    <p class="soft">Measured when this file was saved.</p>
  );
}

function OfNetwork(): JSX.Element {
  const answer = useNetworkTimes();
  const { value } = answer;
  return (
    <section class="network-times">
      <h2>The gradient of this network</h2>
      {value && answer.error === undefined ? <Bars measured={value} /> : <Pending of={answer} />}
    </section>
  );
}

/** The times as bars on a log axis. */
function Bars({ measured }: { readonly measured: Measured }): JSX.Element {
  const { ways, inputs } = measured;
  const times = WAYS.map((way) => ways[way].milliseconds);
  const low = Math.floor(Math.log10(Math.min(...times)));
  const high = Math.ceil(Math.log10(Math.max(...times)));
  const share = (ms: number): number => (Math.log10(ms) - low) / (high - low || 1);
  return (
    <figure class="sweep-bars">
      <figcaption>
        All {count(inputs)} derivatives of the cost of one example, on a logarithmic scale; the many
        evaluations are what differences need
      </figcaption>
      <dl>
        {WAYS.map((way) => {
          const timing = ways[way];
          return (
            <div key={way} class={`bar ${way}`} data-way={way}>
              <dt>
                {way === "evaluation" ? "" : `${count(timing.sweeps)} `}
                {way === "differences" ? "evaluations" : nameOf(way, timing.sweeps)}
              </dt>
              <dd>
                <span class="track" aria-hidden="true">
                  <span style={{ width: `${(100 * share(timing.milliseconds)).toFixed(2)}%` }} />
                </span>
                <strong>{milliseconds(timing.milliseconds)}</strong>{" "}
                <span class="soft">{howMeasured(timing)}</span>
              </dd>
            </div>
          );
        })}
      </dl>
    </figure>
  );
}

function nameOf(way: Way, sweeps: number): string {
  return sweeps === 1 ? NAMES[way].replace(/s$/, "") : NAMES[way];
}

function OverInputs(): JSX.Element {
  const live = useLive();
  const { n, m, setN, setM } = useSizes();
  const answer = useCurve(m);
  const { value } = answer;
  return (
    <section class="over-inputs">
      <h2>Any number of inputs and outputs</h2>
      <SizeSlider what="input" size={n} onChange={setN} />
      <SizeSlider what="output" size={m} disabled={!live} onChange={setM} />
      {value && answer.error === undefined ? (
        <TimeCurves curve={value} n={n} m={m} onPick={setN} />
      ) : (
        <Pending of={answer} />
      )}
    </section>
  );
}

interface SizeProps {
  readonly what: string;
  readonly size: number;
  readonly disabled?: boolean;
  readonly onChange: (size: number) => void;
}

function SizeSlider({ what, size, disabled = false, onChange }: SizeProps): JSX.Element {
  return (
    <Slider
      label={`${what}s`}
      value={SIZES.indexOf(size)}
      min={0}
      max={SIZES.length - 1}
      step={1}
      disabled={disabled}
      text={counted(size, what)}
      onChange={(i) => onChange(SIZES[i] ?? 1)}
    />
  );
}

interface CurvesProps {
  readonly curve: Curve;
  readonly n: number;
  readonly m: number;
  readonly onPick: (n: number) => void;
}

function TimeCurves({ curve, n, m, onPick }: CurvesProps): JSX.Element {
  const at = curve.points[curve.sizes.indexOf(n)];
  const series = WAYS.map((way) => ({
    label: NAMES[way],
    y: curve.points.map((point) => point.ways[way].milliseconds),
    points: true,
    ...LOOKS[way],
  }));
  return (
    <>
      <Plot
        title={`Milliseconds for all derivatives, of ${counted(m, "output")}`}
        x={curve.sizes}
        xLabel="inputs"
        yLabel="milliseconds"
        series={series}
        height={230}
        logX
        logY
        mark={n}
        onPick={(x) => onPick(nearestSize(x))}
      />
      {at && (
        <TimesTable
          measured={at}
          caption={`${counted(n, "input")}, ${counted(m, "output")}`}
          how
        />
      )}
    </>
  );
}

/** What the measured times say, beside them. */
export function TimesInspector(): JSX.Element {
  const { n, m } = useSizes();
  const network = useNetworkTimes().value;
  const at = useCurve(m).value?.points[SIZES.indexOf(n)];
  return (
    <>
      <h2>What is measured</h2>
      <p>
        The engine really makes these sweeps, now, on this computer. A forward sweep gives the
        derivatives in one input, a reverse sweep those of one output; both use the values of one
        evaluation, which is in their times. A difference moves one input to both sides, which
        takes two evaluations.
      </p>
      <p>
        What would take too long is measured in part: the table says how many sweeps were made,
        and the rest is estimated from their median.
      </p>
      {network && <Speedup measured={network} what="the network of this page" />}
      {at && <Speedup measured={at} what={`${counted(n, "input")} and ${counted(m, "output")}`} />}
      <Agreement measured={at ?? network} />
      {network && <NetworkAsText measured={network} />}
    </>
  );
}

function NetworkAsText({ measured }: { readonly measured: Measured }): JSX.Element {
  return (
    <TextForm
      title="the network's times"
      head={["by", "sweeps", "milliseconds", "of one", "measured"]}
      rows={() =>
        WAYS.map((way) => {
          const timing = measured.ways[way];
          const { sweeps, milliseconds: all, each } = timing;
          return [NAMES[way], sweeps, all, each, howMeasured(timing)];
        })
      }
    />
  );
}

interface SpeedupProps {
  readonly measured: Measured;
  readonly what: string;
}

function Speedup({ measured, what }: SpeedupProps): JSX.Element {
  const { forward, reverse } = measured.ways;
  const ratio = forward.milliseconds / reverse.milliseconds;
  const [fast, slow] = ratio >= 1 ? [reverse, forward] : [forward, reverse];
  const times = Math.max(ratio, 1 / ratio);
  const [name, other] = ratio >= 1 ? ["Reverse", "forward"] : ["Forward", "reverse"];
  return (
    <p class="speedup">
      For {what}: {name.toLowerCase()} mode needs {counted(fast.sweeps, "sweep")},{" "}
      {other} mode {counted(slow.sweeps, "sweep")}. {name} mode was{" "}
      <strong>{timesText(times)} times</strong> as fast.
    </p>
  );
}

function Agreement({ measured }: { readonly measured: Measured | undefined }): JSX.Element | null {
  if (!measured) return null;
  return (
    <p class="soft">
      Both modes found the same derivatives, up to a relative {short(measured.error, 2)};
      differences are {short(measured.difference_error, 2)} off.
    </p>
  );
}
