// The arguments of the function: numbers that can be changed.
import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { PageContext } from "../../page";
import { useText } from "../../place";
import type { Argument, Drawn } from "./questions";
import { inputsOf, inputsText } from "./stepping";

export function Arguments({ drawn }: { readonly drawn: Drawn }): JSX.Element | null {
  const { engine } = useContext(PageContext);
  const [text, setText] = useText("inputs");
  const changed = inputsOf(text);
  if (drawn.arguments.length === 0) return null;
  const set = (argument: Argument, entry: number, value: number): void => {
    const numbers = [...(changed.get(argument.name) ?? argument.numbers)];
    numbers[entry] = value;
    setText(inputsText(new Map(changed).set(argument.name, numbers)));
  };
  return (
    <section class="graph-arguments" aria-label="Arguments">
      <h2>
        Arguments
        {text !== "" && engine.live && (
          <button type="button" class="quiet" onClick={() => setText("")}>
            as they were
          </button>
        )}
      </h2>
      {drawn.arguments.map((argument) => (
        <OneArgument
          key={argument.name}
          argument={argument}
          live={engine.live}
          onChange={(entry, value) => set(argument, entry, value)}
        />
      ))}
    </section>
  );
}

interface ArgumentProps {
  readonly argument: Argument;
  readonly live: boolean;
  readonly onChange: (entry: number, value: number) => void;
}

/** Its numbers to change; of a large array what it is. */
function OneArgument({ argument, live, onChange }: ArgumentProps): JSX.Element {
  const { name, numbers } = argument;
  return (
    <div class="argument">
      <span class="argument-name">{name}</span>
      {numbers.length === 0 && (
        <span>
          <span class="value">{argument.short}</span> <span class="soft">{argument.type}</span>
        </span>
      )}
      {numbers.map((number, i) => (
        <NumberField
          key={i}
          label={numbers.length > 1 ? `${name}[${i}]` : name}
          value={number}
          disabled={!live}
          onChange={(value) => onChange(i, value)}
        />
      ))}
    </div>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: number;
  readonly disabled: boolean;
  readonly onChange: (value: number) => void;
}

function NumberField({ label, value, disabled, onChange }: FieldProps): JSX.Element {
  return (
    <input
      type="number"
      step="any"
      aria-label={label}
      value={String(Number(value.toPrecision(7)))}
      disabled={disabled}
      onInput={(event) => {
        const typed = event.currentTarget.valueAsNumber;
        if (Number.isFinite(typed)) onChange(typed);
      }}
    />
  );
}
