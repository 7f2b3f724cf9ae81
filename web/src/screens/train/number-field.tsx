import type { JSX } from "preact";
import { useState } from "preact/hooks";

interface NumberFieldProps {
  readonly id?: string;
  /** The number as it is, which may change while somebody types another. */
  readonly text: string;
  readonly step: number | "any";
  readonly min: number;
  readonly max?: number;
  readonly disabled: boolean;
  /** Called with a number that was typed, when Enter is pressed or the field is left. */
  readonly onChosen: (value: number) => void;
}

/** A number to type. What is being typed stays, however often the page is drawn meanwhile. */
export function NumberField(props: NumberFieldProps): JSX.Element {
  const { text, onChosen, ...attributes } = props;
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <input
      type="number"
      class="train-number"
      {...attributes}
      value={draft ?? text}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onChange={(event) => {
        const typed = event.currentTarget.valueAsNumber;
        setDraft(null);
        if (Number.isFinite(typed)) onChosen(typed);
      }}
      onBlur={() => setDraft(null)} // what was typed and taken back is no change
    />
  );
}
