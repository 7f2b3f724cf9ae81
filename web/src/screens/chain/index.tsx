// Screen 5: in a chain of single neurons a derivative is a product, which vanishes or explodes.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { Formula } from "../../parts/formula";
import { Num } from "../../parts/number";
import { Pending } from "../../parts/problem";
import { usePosition, useScrubber } from "../../parts/scrubber";
import { useSize } from "../../parts/size";
import { numberTex } from "../../tex";
import type { Screen } from "../screen";
import { CascadeForm, NudgeControls, StepLine } from "./cascade";
import "./chain.css";
import { Depth } from "./depth";
import { Factors, Products } from "./factors";
import { changeName, derivativeTex, nudgeName, productTex } from "./formula";
import { columnsOf } from "./geometry";
import { Inspector } from "./inspector";
import { Neurons } from "./neurons";
import type { ChainNumbers } from "./numbers";
import { Presets } from "./presets";
import { Slopes } from "./slopes";
import { useChain, useChainNumbers, type ChainState } from "./state";

function Main(): JSX.Element {
  const state = useChain();
  const answer = useChainNumbers(state);
  const place = useRef<HTMLDivElement>(null);
  const { width } = useSize(place, { width: 600, height: 0 });
  return (
    <div class="chain">
      <Presets state={state} />
      <NudgeControls state={state} />
      <div ref={place}>
        {answer.error !== undefined || !answer.value ? (
          <Pending of={answer} />
        ) : (
          <Pictures
            state={state}
            numbers={answer.value}
            current={answer.current}
            width={width}
          />
        )}
      </div>
    </div>
  );
}

interface PicturesProps {
  readonly state: ChainState;
  readonly numbers: ChainNumbers;
  /** Whether the numbers are those of the chain as it stands now. */
  readonly current: boolean;
  readonly width: number;
}

function Pictures({ state, numbers, current, width }: PicturesProps): JSX.Element {
  const { cascade } = numbers;
  const { nudge } = state;
  const steps = cascade.steps;
  const [position] = usePosition(steps.length);
  useScrubber(
    {
      sweep: {
        count: steps.length,
        label: (i) => {
          const step = steps[i];
          return step ? `Δ${nudgeName(nudge)} has come to ${changeName(step)}` : "";
        },
      },
    },
    [steps.length, nudge.what],
  );
  const columns = columnsOf(width, numbers.z.length);
  const step = steps[position];
  return (
    <>
      <Product numbers={numbers} state={state} />
      <Neurons numbers={numbers} columns={columns} at={state.at} setAt={state.setAt} step={step} />
      <Factors cascade={cascade} nudge={nudge} columns={columns} position={position} />
      <Products cascade={cascade} columns={columns} position={position} />
      <Key />
      <StepLine cascade={cascade} nudge={nudge} position={position} />
      <CascadeForm cascade={cascade} nudge={nudge} />
      <div class="chain-figures">
        <Slopes state={state} numbers={numbers} />
        <Depth state={state} ready={current} />
      </div>
    </>
  );
}

/** The derivative as a product, in symbols and in numbers, beside what really happened. */
function Product({ numbers, state }: Pick<PicturesProps, "numbers" | "state">): JSX.Element {
  const { cascade } = numbers;
  const { symbols, numbers: factors } = productTex(cascade, state.nudge);
  const derivative = derivativeTex(state.nudge);
  return (
    <div class="chain-product">
      <Formula block tex={`${derivative} = ${symbols}`} />
      <Formula block tex={`= ${factors} = ${numberTex(cascade.product)}`} />
      <p>
        Reverse sweep: <b><Num x={cascade.derivative} kind="gradient" sign /></b>. The nudge changed
        C by <b><Num x={cascade.real} kind="value" sign /></b> per unit.
      </p>
    </div>
  );
}

function Key(): JSX.Element {
  return (
    <ul class="chain-key" aria-label="Key">
      <li class="weight">weight (or input)</li>
      <li class="slope">slope σ′, ∂C/∂a</li>
      <li class="negative">negative</li>
      <li class="predicted">predicted</li>
      <li class="real">real</li>
    </ul>
  );
}

export const chain: Screen = {
  id: "chain",
  title: "Chain",
  todo: "Choose a chain, or move its weights; then step the nudge through it.",
  see: "Small factors vanish, large ones explode.",
  Main,
  Inspector,
};
