// The nudge: what is nudged, by how much, and the step of its way that the scrubber stands at.
import type { JSX } from "preact";
import { useLive } from "../../engine/answers";
import { short, signed } from "../../format";
import { Num } from "../../parts/number";
import { useOwnId } from "../../parts/own-id";
import { Slider } from "../../parts/slider";
import { TextForm } from "../../parts/text-form";
import { changeName, factorName, nudgeName, quantityName } from "./formula";
import type { Cascade } from "./numbers";
import type { ChainState } from "./state";
import type { Nudge } from "./text";

const BY = 0.05;

export function NudgeControls({ state }: { readonly state: ChainState }): JSX.Element {
  const live = useLive();
  const { nudge, chain } = state;
  const id = useOwnId();
  const layers = Array.from({ length: chain.neurons }, (_, i) => i + 1);
  const names = ["x", ...layers.flatMap((l) => [`w${l}`, `b${l}`])];
  const move = (by: number): void =>
    state.setNudge({ ...nudge, by: Math.abs(by) < BY / 2 ? -Math.sign(nudge.by) * BY : by });
  return (
    <fieldset class="chain-nudge" disabled={!live}>
      <legend class="unseen">Nudge</legend>
      <label for={id}>Nudge</label>
      <select
        id={id}
        value={nudge.what}
        onChange={(event) => state.setNudge({ ...nudge, what: event.currentTarget.value })}
      >
        {names.map((what) => (
          <option key={what} value={what}>{nudgeName({ what, by: 0 })}</option>
        ))}
      </select>
      <Slider
        label="by"
        value={nudge.by}
        min={-2}
        max={2}
        step={BY}
        text={`Δ${nudgeName(nudge)} = ${signed(nudge.by)}`}
        disabled={!live}
        onChange={move}
      />
    </fieldset>
  );
}

interface StepProps {
  readonly cascade: Cascade;
  readonly nudge: Nudge;
  readonly position: number;
}

/** The step in words: Δa₂ = σ′(z₂) Δz₂ = 0.2 × 0.01 = 0.002. */
export function StepLine({ cascade, nudge, position }: StepProps): JSX.Element {
  const step = cascade.steps[position];
  if (!step) return <p />;
  const before = cascade.steps[position - 1];
  const [from, size] = before
    ? [changeName(before), before.predicted]
    : [`Δ${nudgeName(nudge)}`, cascade.change];
  const factor = factorName(step, position === 0, nudge, cascade.fused);
  return (
    <p class="chain-step" aria-live="polite">
      <b>{changeName(step)}</b> = {factor} {from} ={" "}
      <Num x={step.factor} /> × <Num x={size} /> ={" "}
      <span class="predicted"><Num x={step.predicted} kind="gradient" sign /></span> predicted,{" "}
      <span class="real"><Num x={step.real} kind="value" sign /></span> really
      {step.seen ? "" : " (less than the rounding of 64-bit numbers, so nothing can be seen)"}.{" "}
      {quantityName(step.of, step.layer)} was <Num x={step.value} />.
    </p>
  );
}

export function CascadeForm({ cascade, nudge }: Omit<StepProps, "position">): JSX.Element {
  return (
    <TextForm
      title="the factors, their product, and the nudge on its way"
      head={["change", "factor", "its value", "product so far", "predicted", "real"]}
      rows={() =>
        cascade.steps.map((step, i) => [
          changeName(step),
          factorName(step, i === 0, nudge, cascade.fused),
          step.factor,
          step.product,
          step.predicted,
          step.seen ? step.real : `${short(step.real)} (rounding)`,
        ])
      }
    />
  );
}
