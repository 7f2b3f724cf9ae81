// The one scrubber below all screens: training step, example, and position of the sweep.
import type { JSX } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { useLive } from "../engine/answers";
import { count } from "../format";
import { useAbout, useMoment, useSteps } from "../moment";
import { PageContext } from "../page";
import { useNumber } from "../place";
import { Slider } from "./slider";

/** Which parts of the scrubber a screen uses. */
export interface Scrubs {
  readonly step?: boolean;
  readonly example?: boolean;
  readonly sweep?: Sweep;
}

/** Positions of a sweep, from 0 to `count` - 1. */
export interface Sweep {
  readonly count: number;
  /** What happens at a position: "forward: c = a + b". */
  readonly label: (position: number) => string;
}

const BETWEEN_POSITIONS = 700; // ms, while it plays

/** Have the scrubber show what this screen uses; `facts` are what `scrubs` is made of. */
export function useScrubber(scrubs: Scrubs, facts: readonly unknown[]): void {
  const page = useContext(PageContext);
  const own = useRef(scrubs);
  useEffect(() => {
    own.current = scrubs;
    page.scrubs.value = scrubs;
  }, facts);
  useEffect(
    () => () => {
      // the next screen may have said already what it uses
      if (page.scrubs.value === own.current) page.scrubs.value = {};
    },
    [],
  );
}

/** The position of the sweep; the last one, where all is computed, unless the reader chose one. */
export function usePosition(positions: number): [number, (position: number) => void] {
  const [found, set] = useNumber("position", -1);
  const last = Math.max(0, positions - 1);
  const at = found < 0 ? last : Math.min(Math.round(found), last);
  return [at, (position) => set(position >= last ? -1 : Math.max(0, position))];
}

export function Scrubber(): JSX.Element {
  const page = useContext(PageContext);
  const { step = false, example = false, sweep } = page.scrubs.value;
  return (
    <footer class="scrubber" aria-label="Where to look">
      {step && <StepScrub />}
      {example && <ExampleScrub />}
      {sweep && sweep.count > 1 && <SweepScrub sweep={sweep} />}
    </footer>
  );
}

function StepScrub(): JSX.Element {
  const { step, newest, setStep } = useMoment();
  const steps = useSteps();
  const at = Math.max(0, steps.findLastIndex((kept) => kept <= (step ?? 0)));
  const only = steps.length < 2;
  return (
    <Slider
      label="training step"
      value={only && (step ?? 0) > 0 ? 1 : at}
      min={0}
      max={Math.max(1, steps.length - 1)}
      step={1}
      disabled={only}
      text={`${count(step ?? 0)}${only ? "" : newest ? ", the newest" : ` of ${count(steps.at(-1) ?? 0)}`}`}
      onChange={(i) => setStep(i >= steps.length - 1 ? null : (steps[i] ?? null))}
    />
  );
}

function ExampleScrub(): JSX.Element {
  const { example, setExample } = useMoment();
  const live = useLive();
  const about = useAbout().value;
  const drawn = example.includes(":");
  const number = /^\d+$/.test(example) ? Number(example) : null;
  const last = (about?.examples.test ?? 1) - 1;
  return (
    <Slider
      label="example"
      value={number ?? 0}
      min={0}
      max={last}
      step={1}
      disabled={!live}
      text={
        drawn ? "your drawing" : number === null ? "none" : `${count(number)} of ${count(last + 1)}`
      }
      onChange={(n) => setExample(String(n))}
    />
  );
}

function SweepScrub({ sweep }: { readonly sweep: Sweep }): JSX.Element {
  const [at, set] = usePosition(sweep.count);
  const [playing, setPlaying] = useState(false);
  const last = sweep.count - 1;
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => (at < last ? set(at + 1) : setPlaying(false)), BETWEEN_POSITIONS);
    return () => clearTimeout(timer);
  }, [playing, at, last]);
  const play = (): void => {
    if (!playing && at >= last) set(0);
    setPlaying(!playing);
  };
  return (
    <div class="sweep">
      <div class="steppers">
        <button type="button" disabled={at <= 0} onClick={() => set(at - 1)} aria-keyshortcuts=",">
          ‹ Back
        </button>
        <button type="button" onClick={play}>
          {playing ? "Pause" : "Play"}
        </button>
        <button type="button" disabled={at >= last} onClick={() => set(at + 1)} aria-keyshortcuts=".">
          Forward ›
        </button>
      </div>
      <Slider
        label="position"
        value={at}
        min={0}
        max={last}
        step={1}
        text={`${at + 1} of ${sweep.count}: ${sweep.label(at)}`}
        onChange={set}
      />
    </div>
  );
}
