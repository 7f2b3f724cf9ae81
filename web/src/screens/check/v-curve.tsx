// How wrong the difference quotient of one parameter is, over its step.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { short } from "../../format";
import { Num } from "../../parts/number";
import { Plot, type Series } from "../../parts/plot";
import { Pending } from "../../parts/problem";
import { Slider } from "../../parts/slider";
import { useNumber } from "../../place";
import { useCurve, type CheckState, type VCurve } from "./answers";
import { parameterName } from "./parameter";

const LEAST = 1e-16; // no smaller error can be told from none
const MOST = 1e6;

export function Curve({ state }: { readonly state: CheckState }): JSX.Element {
  const answer = useCurve(state);
  const found = answer.value;
  const [chosen, setChosen] = useNumber("epsilon", -1);
  const series = useMemo(() => (found ? seriesOf(found) : []), [found]);
  if (!found || answer.error !== undefined) return <Pending of={answer} />;
  const { steps, double } = found;
  const at = chosen < 0 ? double.best : Math.min(Math.round(chosen), steps.length - 1);
  const epsilon = steps[at] ?? NaN;
  return (
    <section class="check-curve">
      <Plot
        title={`Difference quotient of ${parameterName(found.parameter)}: error over its step ε`}
        x={steps}
        xLabel="step ε"
        yLabel="relative error"
        series={series}
        logX
        logY
        mark={epsilon}
        height={230}
        onPick={(x) => setChosen(nearest(steps, x))}
      />
      <Slider
        label="step ε"
        value={steps.length - 1 - at}
        min={0}
        max={steps.length - 1}
        step={1}
        text={short(epsilon, 2)}
        onChange={(place) => setChosen(steps.length - 1 - place)}
      />
      <Quotients of={found} at={at} />
      <p class="soft">{verdict(found)}</p>
    </section>
  );
}

/** The quotient at one step, beside what it should be. */
function Quotients({ of, at }: { readonly of: VCurve; readonly at: number }): JSX.Element {
  const [double, single] = [of.double, of.single].map(({ quotient }) => quotient[at] ?? NaN);
  return (
    <p>
      (C(w + ε) − C(w − ε)) / 2ε is{" "}
      <span class="in-double"><Num x={double ?? NaN} kind="value" /></span> in 64-bit numbers,{" "}
      <span class="in-single"><Num x={single ?? NaN} kind="value" /></span> in 32-bit ones; the
      gradient says{" "}
      <span class="derivative"><Num x={of.derivative} kind="gradient" /></span>.
    </p>
  );
}

function seriesOf({ double, single }: VCurve): Series[] {
  return [
    { label: "64 bits", y: shown(double.error), colour: "input-line", points: true },
    { label: "32 bits", y: shown(single.error), colour: "backward-line", points: true },
    { label: "one-sided, 64 bits", y: shown(double.forward), colour: "soft", dash: [4, 4] },
  ];
}

function shown(errors: readonly number[]): (number | null)[] {
  return errors.map((e) => (Number.isFinite(e) ? Math.max(LEAST, Math.min(MOST, e)) : null));
}

/** Where the valley lies, or that there is none. */
function verdict({ double, single, steps }: VCurve): string {
  const least = double.error[double.best] ?? NaN;
  if (!(least < 1e-3)) {
    return (
      "There is no valley: no step brings the quotient near this derivative. It is wrong, or " +
      "there is a kink."
    );
  }
  return (
    "To the right of the valley the formula is wrong, by a multiple of ε²; to its left rounding " +
    "is, by a multiple of 1/ε. " +
    `Best are ε = ${short(steps[double.best] ?? NaN, 2)} with 64 bits and ` +
    `${short(steps[single.best] ?? NaN, 2)} with 32.`
  );
}

function nearest(steps: readonly number[], x: number): number {
  const far = (step: number): number => Math.abs(Math.log(step / x));
  return steps.reduce((best, step, i) => (far(step) < far(steps[best] ?? 1) ? i : best), 0);
}
