// What makes the chain: sliders for all neurons, and for the one that is looked at.
import type { ComponentChildren, JSX } from "preact";
import { useContext } from "preact/hooks";
import { useAnswer, useLive } from "../../engine/answers";
import { short } from "../../format";
import { PageContext } from "../../page";
import { Num } from "../../parts/number";
import { useOwnId } from "../../parts/own-id";
import { Slider } from "../../parts/slider";
import { Table } from "../../parts/table";
import { subscript } from "./formula";
import type { ChainNumbers, Choices } from "./numbers";
import { useChain, useChainNumbers, type ChainState } from "./state";
import { placeOf, VALUES } from "./values";

const MOST = 30;

export function Inspector(): JSX.Element {
  const { engine } = useContext(PageContext);
  const live = useLive();
  const state = useChain();
  const numbers = useChainNumbers(state).value;
  return (
    <div class="chain-inspector">
      {!engine.live && <p class="soft">A saved moment: read it; what is set stays as it is.</p>}
      <fieldset disabled={!live}>
        <legend>All neurons</legend>
        <Shape state={state} />
        <AllSliders state={state} />
      </fieldset>
      {numbers && <OneNeuron state={state} numbers={numbers} live={live} />}
    </div>
  );
}

function Shape({ state }: { readonly state: ChainState }): JSX.Element {
  const { chain, set } = state;
  const choices = useAnswer<Choices>("chain.choices", {}).value;
  return (
    <>
      <Slider
        label="neurons"
        value={chain.neurons}
        min={2}
        max={MOST}
        step={1}
        text={String(chain.neurons)}
        onChange={(neurons) => set({ neurons })}
      />
      <Choice
        label="activation σ"
        value={chain.activation}
        names={choices?.activations ?? [chain.activation]}
        onChange={(activation) => set({ activation })}
      />
      <Choice
        label="cost C"
        value={chain.cost}
        names={choices?.costs ?? [chain.cost]}
        onChange={(cost) => set({ cost })}
      />
    </>
  );
}

function AllSliders({ state }: { readonly state: ChainState }): JSX.Element {
  const { chain, set } = state;
  const random = chain.drawn > 0;
  const times = random ? " × random" : " of all";
  return (
    <>
      <Valued label={`w${times}`} value={chain.w} onChange={(w) => set({ w })} />
      <Valued
        label={`b${times}`}
        value={chain.b}
        disabled={chain.held}
        onChange={(b) => set({ b })}
      />
      <Check checked={chain.held} onChange={(held) => set({ held })}>
        let the biases hold each z at 0: b = −w a
      </Check>
      <div class="chain-draw">
        <Check checked={random} onChange={(on) => set({ drawn: on ? 1 : 0 })}>
          normal random numbers, times w and b
        </Check>
        {random && (
          <button type="button" onClick={() => set({ drawn: (chain.drawn % 999) + 1 })}>
            Draw again
          </button>
        )}
      </div>
      <Slider
        label="input x" value={chain.x} min={-2} max={2} step={0.05} text={short(chain.x)}
        onChange={(x) => set({ x })}
      />
      <Slider
        label="target y" value={chain.y} min={0} max={1} step={0.05} text={short(chain.y)}
        onChange={(y) => set({ y })}
      />
    </>
  );
}

interface OneProps {
  readonly state: ChainState;
  readonly numbers: ChainNumbers;
  readonly live: boolean;
}

export function OneNeuron({ state, numbers, live }: OneProps): JSX.Element {
  const { chain, at, set } = state;
  const i = Math.min(at, numbers.z.length) - 1;
  const key = String(at);
  const isApart = key in chain.ownW || key in chain.ownB;
  const own = (list: readonly number[]): number => list[i] ?? NaN;
  const l = subscript(at);
  return (
    <fieldset disabled={!live}>
      <legend>Neuron {at} alone</legend>
      <Valued
        label={`w${l}`}
        value={chain.ownW[key] ?? own(numbers.weights)}
        onChange={(w) => set({ ownW: { ...chain.ownW, [key]: w } })}
      />
      <Valued
        label={`b${l}`}
        value={chain.ownB[key] ?? own(numbers.biases)}
        onChange={(b) => set({ ownB: { ...chain.ownB, [key]: b } })}
      />
      <button
        type="button"
        disabled={!isApart}
        onClick={() => set({ ownW: without(chain.ownW, key), ownB: without(chain.ownB, key) })}
      >
        As the others again
      </button>
      <Table
        caption={`Numbers of neuron ${at}`}
        quiet
        head={["what", "is"]}
        rows={rowsOf(numbers, at, own)}
      />
    </fieldset>
  );
}

/** The numbers of one neuron, each with its name. */
function rowsOf(
  numbers: ChainNumbers,
  at: number,
  own: (list: readonly number[]) => number,
): [string, JSX.Element][] {
  const l = subscript(at);
  return [
    [`z${l}`, <Num x={own(numbers.z)} kind="value" />],
    [`a${l} = σ(z${l})`, <Num x={own(numbers.a.slice(1))} kind="value" />],
    [`σ′(z${l})`, <Num x={own(numbers.slopes)} kind="gradient" />],
    [`δ${l} = ∂C/∂z${l}`, <Num x={own(numbers.delta)} kind="gradient" sign />],
    [
      `∂C/∂w${l} = δ${l} a${subscript(at - 1)}`,
      <Num x={own(numbers.nabla_w)} kind="gradient" sign />,
    ],
    [`∂C/∂b${l} = δ${l}`, <Num x={own(numbers.nabla_b)} kind="gradient" sign />],
  ];
}

function without(own: Readonly<Record<string, number>>, key: string): Record<string, number> {
  return Object.fromEntries(Object.entries(own).filter(([name]) => name !== key));
}

interface ValuedProps {
  readonly label: string;
  readonly value: number;
  readonly disabled?: boolean;
  readonly onChange: (value: number) => void;
}

/** A weight or bias: the slider's places are close together near 0. */
function Valued({ label, value, disabled = false, onChange }: ValuedProps): JSX.Element {
  return (
    <Slider
      label={label}
      value={placeOf(value)}
      min={0}
      max={VALUES.length - 1}
      step={1}
      text={short(value)}
      disabled={disabled}
      onChange={(place) => onChange(VALUES[place] ?? 0)}
    />
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly names: readonly string[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, names, onChange }: ChoiceProps): JSX.Element {
  const id = useOwnId();
  return (
    <div class="chain-choice">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {names.map((name) => <option key={name} value={name}>{name}</option>)}
      </select>
    </div>
  );
}

interface CheckProps {
  readonly checked: boolean;
  readonly onChange: (on: boolean) => void;
  readonly children: ComponentChildren;
}

function Check({ checked, onChange, children }: CheckProps): JSX.Element {
  return (
    <label class="chain-check">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />{" "}
      {children}
    </label>
  );
}
