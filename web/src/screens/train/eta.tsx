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

/**
 * The rate that was chosen here until the engine says its own; of a drag only some are sent. What
 * the engine says of an earlier choice does not take back a later one.
 */
function useChosen(eta: number): [number, (eta: number) => void] {
  const { wish } = useTraining();
  const [chosen, setChosen] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(eta);
  const onTheWay = useRef(0);
  const hasSpoken = useRef(false); // the engine, since the latest was sent
  const settle = (): void => {
    const isSent = timer.current === undefined && onTheWay.current === 0;
    if (isSent && hasSpoken.current) setChosen(null);
  };
  useEffect(() => {
    hasSpoken.current = true;
    settle();
  }, [eta]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const send = async (sent: number): Promise<void> => {
    hasSpoken.current = false;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      if (latest.current !== sent) void send(latest.current);
      else settle();
    }, BETWEEN);
    onTheWay.current += 1;
    const taken = await wish("eta", { eta: sent });
    onTheWay.current -= 1;
    if (!taken && latest.current === sent) setChosen(null);
    settle();
  };
  const choose = (next: number): void => {
    latest.current = next;
    setChosen(next);
    if (timer.current === undefined) void send(next);
  };
  return [chosen ?? eta, choose];
}
