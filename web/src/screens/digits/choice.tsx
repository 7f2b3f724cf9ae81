import type { JSX } from "preact";

interface ChoiceProps {
  readonly label: string;
  /** The value and what it is called. */
  readonly options: readonly (readonly [string, string])[];
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Values that cannot be chosen here. */
  readonly without?: readonly string[];
}

/** One of a few, as buttons side by side. */
export function Choice(props: ChoiceProps): JSX.Element {
  const { label, options, value, onChange, without = [] } = props;
  return (
    <div class="digits-choice" role="group" aria-label={label}>
      {options.map(([option, name]) => (
        <button
          key={option}
          type="button"
          aria-pressed={option === value}
          disabled={without.includes(option)}
          onClick={() => onChange(option)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
