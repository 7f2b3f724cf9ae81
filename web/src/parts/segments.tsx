import type { JSX } from "preact";

interface SegmentsProps {
  readonly label: string;
  /** The value and what it is called. */
  readonly options: readonly (readonly [string, string])[];
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Values that cannot be chosen here. */
  readonly without?: readonly string[];
  /** As wide as there is room. */
  readonly wide?: boolean;
}

/** One of a few, as buttons side by side. */
export function Segments(props: SegmentsProps): JSX.Element {
  const { label, options, value, onChange, without = [], wide = false } = props;
  return (
    <div class={wide ? "segments wide" : "segments"} role="group" aria-label={label}>
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
