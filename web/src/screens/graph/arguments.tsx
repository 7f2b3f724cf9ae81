// The arguments of the function: numbers that can be changed.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useLive } from "../../engine/answers";
import { useText } from "../../place";
import type { Argument, Drawn } from "./questions";
import { inputsOf, inputsText } from "./stepping";

export function Arguments({ drawn }: { readonly drawn: Drawn }): JSX.Element | null {
  const live = useLive();
  const [text, setText] = useText("inputs");
  const changed = inputsOf(text);
  if (drawn.arguments.length === 0) return null;
  // As they were chosen, whether or not the engine has answered to that
  const numbersOf = ({ name, numbers }: Argument): readonly number[] => {
    const chosen = changed.get(name);
    return chosen?.length === numbers.length && chosen.every(Number.isFinite) ? chosen : numbers;
  };
  const set = (argument: Argument, entry: number, value: number): void => {
    const numbers = [...numbersOf(argument)];
    numbers[entry] = value;
    setText(inputsText(new Map(changed).set(argument.name, numbers)));
  };
  return (
    <section class="graph-arguments" aria-label="Arguments">
      <h2>
        Arguments
        {text !== "" && live && (
          <button type="button" class="quiet" onClick={() => setText("")}>
            as they were
          </button>
        )}
      </h2>
      {drawn.arguments.map((argument) => (
        <OneArgument
          key={argument.name}
          argument={argument}
          numbers={numbersOf(argument)}
          live={live}
          onChange={(entry, value) => set(argument, entry, value)}
        />
      ))}
    </section>
  );
}

interface ArgumentProps {
  readonly argument: Argument;
  /** As they were chosen. */
  readonly numbers: readonly number[];
  readonly live: boolean;
  readonly onChange: (entry: number, value: number) => void;
}

/** Its numbers to change; of a large array what it is. */
function OneArgument({ argument, numbers, live, onChange }: ArgumentProps): JSX.Element {
  const { name } = argument;
  return (
    <div class="argument">
      <span class="argument-name">{name}</span>
      {argument.numbers.length === 0 && (
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

/** A number to type. What is being typed stays, however often the page is drawn meanwhile. */
function NumberField({ label, value, disabled, onChange }: FieldProps): JSX.Element {
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <input
      type="number"
      step="any"
      aria-label={label}
      value={draft ?? String(Number(value.toPrecision(7)))}
      disabled={disabled}
      onBlur={() => setDraft(null)}
      onInput={(event) => {
        setDraft(event.currentTarget.value);
        const typed = event.currentTarget.valueAsNumber;
        if (Number.isFinite(typed)) onChange(typed);
      }}
    />
  );
}
