import type { JSX } from "preact";
import { useOwnId } from "./own-id";

interface SliderProps {
  readonly label: string | JSX.Element;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value as it is shown and read out. */
  readonly text: string;
  readonly disabled?: boolean;
  readonly onChange: (value: number) => void;
}

/** A number to drag, or to move with the arrow keys. */
export function Slider(props: SliderProps): JSX.Element {
  const id = useOwnId();
  const { label, value, min, max, step, text, disabled = false, onChange } = props;
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        disabled={disabled}
        aria-valuetext={text}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
      <output for={id}>{text}</output>
    </div>
  );
}
