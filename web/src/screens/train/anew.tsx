// Beginning anew: other initial weights, another order of the examples, mini-batches of another size.
import type { JSX } from "preact";
import { useText } from "../../place";
import type { History } from "./history";
import { useTraining } from "./training";

interface AnewProps {
  readonly history: History;
  readonly live: boolean;
}

export function Anew({ history, live }: AnewProps): JSX.Element {
  const { standing, terms } = history;
  const { wish } = useTraining();
  const [seed, setSeed] = useText("seed");
  const [size, setSize] = useText("batch");
  const [init, setInit] = useText("init");
  const chosen = {
    seed: number(seed, standing.seed),
    batch_size: number(size, standing.batch_size),
    init: terms.inits.includes(init) ? init : terms.init,
  };
  return (
    <details class="train-anew">
      <summary>Begin anew with other weights</summary>
      <form
        class="train-row"
        onSubmit={(event) => {
          event.preventDefault();
          void wish("restart", chosen);
        }}
      >
        <Whole label="seed" value={chosen.seed} least={0} disabled={!live} onChange={setSeed} />
        <Inits names={terms.inits} value={chosen.init} disabled={!live} onChange={setInit} />
        <Whole
          label="examples in a mini-batch"
          value={chosen.batch_size}
          least={1}
          most={terms.largest_batch}
          disabled={!live}
          onChange={setSize}
        />
        <button type="submit" disabled={!live}>
          Begin anew
        </button>
      </form>
    </details>
  );
}

interface InitsProps {
  readonly names: readonly string[];
  readonly value: string;
  readonly disabled: boolean;
  readonly onChange: (name: string) => void;
}

function Inits({ names, value, disabled, onChange }: InitsProps): JSX.Element {
  return (
    <label>
      initial weights{" "}
      <select
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What was typed, or else how it is now. */
function number(text: string, fallback: number): number {
  const found = text.trim() === "" ? NaN : Number(text);
  return Number.isInteger(found) ? found : fallback;
}

interface WholeProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most?: number;
  readonly disabled: boolean;
  readonly onChange: (text: string) => void;
}

function Whole({ label, value, least, most, disabled, onChange }: WholeProps): JSX.Element {
  return (
    <label>
      {label}{" "}
      <input
        type="number"
        class="train-number"
        step={1}
        min={least}
        {...(most !== undefined && { max: most })}
        value={value}
        required
        disabled={disabled}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}
