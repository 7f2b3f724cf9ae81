// The learning rate: a number, and a slider over its powers of ten, both usable while it trains.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { short } from "../../format";
import { useOwnId } from "../../parts/own-id";
import { NumberField } from "./number-field";
import { useTraining } from "./training";

const LEAST = -4; // powers of ten on the slider
const MOST = 2;
const STEP = 0.05;
const BETWEEN = 80; // ms, while it is dragged

interface EtaProps {
  readonly eta: number;
  readonly disabled: boolean;
}

export function EtaControl({ eta, disabled }: EtaProps): JSX.Element {
  const id = useOwnId();
  const [chosen, choose] = useChosen(eta);
  return (
    <div class="train-row train-eta">
      <label for={`${id}-number`}>learning rate η</label>
      <NumberField
        id={`${id}-number`}
        text={short(chosen)}
        step="any"
        min={0}
        disabled={disabled}
        onChosen={choose}
      />
      <input
        type="range"
        aria-label="learning rate η, by powers of ten"
        aria-valuetext={short(chosen)}
        min={LEAST}
        max={MOST}
        step={STEP}
        value={Math.log10(chosen)}
        disabled={disabled}
        onInput={(event) => choose(rounded(10 ** event.currentTarget.valueAsNumber))}
      />
    </div>
  );
}

/** Two digits: what a slider can mean. */
function rounded(x: number): number {
  return Number(x.toPrecision(2));
}

/** The rate that was chosen here until the engine says its own; of a drag only the latest is sent. */
function useChosen(eta: number): [number, (eta: number) => void] {
  const { wish } = useTraining();
  const [chosen, setChosen] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(eta);
  useEffect(() => setChosen(null), [eta]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const send = (): void => {
    timer.current = undefined;
    wish("eta", { eta: latest.current });
  };
  const choose = (next: number): void => {
    latest.current = next;
    setChosen(next);
    timer.current ??= setTimeout(send, BETWEEN);
  };
  return [chosen ?? eta, choose];
}
