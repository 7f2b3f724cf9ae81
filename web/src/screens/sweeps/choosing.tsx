// Choosing the function, and a number of it to start from.
import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { useLive } from "../../engine/answers";
import { count } from "../../format";
import { NETWORK } from "../../moment";
import { PageContext } from "../../page";
import { useOwnId } from "../../parts/own-id";
import { Problem } from "../../parts/problem";
import type { Place } from "../../place";
import { entryText, variableAt } from "./known";
import { useChoices, type Counted } from "./questions";

/** What was chosen of a function, and is left out of the address when another one is chosen. */
const STARTS = ["seed", "end", "swept", "pulled", "path-from", "path-to", "path", "position"];
const OF_FUNCTION = ["inputs", "of", "open", "look", ...STARTS];

export function useChooseFunction(): (name: string) => void {
  const { place } = useContext(PageContext);
  return (name) => {
    const params = { ...without(place.value.params, OF_FUNCTION), function: name };
    place.value = { ...place.value, params };
  };
}

function without(params: Place["params"], names: readonly string[]): Place["params"] {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !names.includes(name)));
}

/** What went wrong, with a way out if a function was chosen that has no such inputs or outputs. */
export function Refused({ text }: { readonly text: string }): JSX.Element {
  const { place } = useContext(PageContext);
  const live = useLive();
  const { params } = place.value;
  const again = (): void => {
    place.value = { ...place.value, params: without(params, STARTS) };
  };
  return (
    <>
      <Problem text={text} />
      {live && STARTS.some((name) => name in params) && (
        <p>
          <button type="button" onClick={again}>
            Start from the first input and output
          </button>
        </p>
      )}
    </>
  );
}

const LADDER = /^@ladder(\d+)$/;

/** How many rungs a ladder has; 0 of another function. */
export function rungsOf(name: string): number {
  return Number(LADDER.exec(name)?.[1] ?? 0);
}

export function FunctionChoice(): JSX.Element {
  const id = useOwnId();
  const { place } = useContext(PageContext);
  const live = useLive();
  const choose = useChooseFunction();
  const found = useChoices().value?.functions ?? [];
  const name = place.value.params["function"] || (found[0]?.name ?? "");
  const isLadder = rungsOf(name) > 0;
  return (
    <span class="sweep-choice">
      <label for={id}>Function</label>
      <select
        id={id}
        value={isLadder ? "@ladder3" : name}
        disabled={!live}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {found.map((each) => (
          <option key={each.name} value={each.name}>
            {said(each.name, each.says)}
          </option>
        ))}
      </select>
    </span>
  );
}

function said(name: string, says: string): string {
  if (name === NETWORK) return says;
  const plain = name.replace(/^@/, "").replace(/\d+$/, "");
  return says ? `${plain}: ${says}` : plain;
}

interface EntryProps {
  readonly label: string;
  readonly among: readonly Counted[];
  readonly value: number;
  readonly onChange: (number: number) => void;
}

/** A number among those of some variables: the variable, and which of its entries. */
export function EntryChoice({ label, among, value, onChange }: EntryProps): JSX.Element {
  const id = useOwnId();
  const live = useLive();
  const variable = variableAt(among, value);
  return (
    <span class="sweep-choice">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={variable?.name ?? ""}
        disabled={!live}
        onChange={(event) => {
          const chosen = among.find(({ name }) => name === event.currentTarget.value);
          if (chosen) onChange(chosen.first);
        }}
      >
        {among.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      {variable && variable.size > 1 && (
        <EntryField
          variable={variable}
          title={entryText(among, value)}
          value={value - variable.first}
          disabled={!live}
          onChange={(entry) => onChange(variable.first + entry)}
        />
      )}
    </span>
  );
}

interface EntryFieldProps {
  readonly variable: Counted;
  readonly title: string;
  readonly value: number;
  readonly disabled: boolean;
  readonly onChange: (entry: number) => void;
}

/** Which entry of a variable. */
function EntryField(props: EntryFieldProps): JSX.Element {
  const { variable: { name, size }, title, value, disabled, onChange } = props;
  return (
    <input
      type="number"
      aria-label={`entry of ${name}, from 0 to ${count(size - 1)}`}
      title={title}
      min={0}
      max={size - 1}
      value={value}
      disabled={disabled}
      onChange={(event) => {
        const entry = event.currentTarget.valueAsNumber;
        if (entry >= 0 && entry < size) onChange(Math.round(entry));
      }}
    />
  );
}
