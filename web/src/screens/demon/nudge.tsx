// The demon's hand: how far it moves, what is predicted, and what happens really.
import type { JSX } from "preact";
import { short, signed } from "../../format";
import { Num } from "../../parts/number";
import { Slider } from "../../parts/slider";
import { TextForm } from "../../parts/text-form";
import { useMove } from "../../place";
import { changeAt, POSITIONS, REACHES, type Choice } from "./choice";
import { CurvePlot } from "./curve-plot";
import { slopeName, type Curve } from "./curve";

interface NudgeProps {
  readonly choice: Choice;
  readonly curve: Curve;
  readonly isCurrent: boolean;
}

export function Nudge({ choice, curve, isCurrent }: NudgeProps): JSX.Element {
  const move = useMove();
  const { position, reach } = choice;
  const to = (next: number): void => move({ dz: changeAt(next, reach) });
  return (
    <section class="nudge" aria-label="The nudge" aria-busy={!isCurrent}>
      <div class="nudge-hand">
        <Slider
          label={curve.change}
          value={position}
          min={0}
          max={POSITIONS - 1}
          step={1}
          text={signed(changeAt(position, reach))}
          onChange={to}
        />
        <Reach reach={reach} onChange={(next) => move({ reach: next })} />
      </div>
      <Readout curve={curve} position={position} />
      <CurvePlot curve={curve} position={position} onMove={to} />
      <TextForm
        title={`cost C along ${curve.change}`}
        head={[curve.change, "predicted", "real", "gap", "C"]}
        rows={() =>
          Array.from(curve.dz.data, (dz, i) => [
            dz, curve.predicted.at(i), curve.real.at(i), curve.gap.at(i), curve.curve.at(i),
          ])
        }
      />
    </section>
  );
}

interface ReachProps {
  readonly reach: number;
  readonly onChange: (reach: string) => void;
}

/** How far the slider goes. */
function Reach({ reach, onChange }: ReachProps): JSX.Element {
  return (
    <label>
      up to ±{" "}
      <select value={reach} onChange={(event) => onChange(event.currentTarget.value)}>
        {REACHES.map((r) => (
          <option key={r} value={r}>
            {r}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ReadoutProps {
  readonly curve: Curve;
  readonly position: number;
}

/** Predicted, real, and the gap between both. */
function Readout({ curve, position }: ReadoutProps): JSX.Element {
  const { change } = curve;
  const moved = change.slice(1);
  return (
    <dl class="readout">
      <div>
        <dt>
          predicted <span class="soft">{slopeName(change)} · {change}</span>
        </dt>
        <dd data-number="predicted">
          <Num x={curve.predicted.at(position)} kind="gradient" sign />
        </dd>
      </div>
      <div>
        <dt>
          real <span class="soft">{`C(${moved} + ${change}) − C(${moved})`}</span>
        </dt>
        <dd data-number="real">
          <Num x={curve.real.at(position)} kind="value" sign />
        </dd>
      </div>
      <div>
        <dt>
          gap <span class="soft">real − predicted</span>
        </dt>
        <dd data-number="gap">
          <Num x={curve.gap.at(position)} sign />
        </dd>
      </div>
      <div>
        <dt>
          cost C <span class="soft">now {short(curve.cost)}</span>
        </dt>
        <dd data-number="cost">
          <Num x={curve.curve.at(position)} />
        </dd>
      </div>
    </dl>
  );
}
