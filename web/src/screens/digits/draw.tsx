// A digit drawn by hand: it becomes the example that all screens look at.
import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useAnswer } from "../../engine/answers";
import { useMoment, type About } from "../../moment";
import { useNumber, useText } from "../../place";
import { Pixels } from "../../parts/pixels";
import { Pending } from "../../parts/problem";
import { decodeInk, encodeInk } from "./ink";
import { Outputs } from "./outputs";
import { Pad } from "./pad";
import { ANY, useDigit, type Prepared } from "./questions";

interface DrawProps {
  readonly image: readonly [number, number];
  readonly about: About;
}

export function Draw({ image, about }: DrawProps): JSX.Element {
  const [rows, columns] = image;
  const { step, example, setExample } = useMoment();
  const [text, setText] = useText("ink");
  const [shall, setShall] = useNumber("shall", ANY);
  const [before, setBefore] = useState<readonly string[]>([]);
  const changed = useRef(""); // what was drawn or chosen here and is not yet the page's example
  const asked = { step, ink: text, label: shall === ANY ? null : shall };
  const answer = useAnswer<Prepared>(
    "digits.prepared",
    text === "" || step === null ? null : asked,
  );
  const prepared = text === "" ? undefined : answer.value;
  useEffect(() => {
    if (!changed.current || !prepared) return;
    setExample(prepared.example);
    if (answer.current && changed.current === keyOf(text, shall)) changed.current = "";
  }, [prepared, answer.current]);
  const ink = decodeInk(text, rows * columns);
  const draw = (next: Uint8Array): void => {
    const drawn = encodeInk(next);
    changed.current = keyOf(drawn, shall);
    setText(drawn);
  };
  const replace = (next: string): void => {
    changed.current = next === "" ? "" : keyOf(next, shall);
    setText(next);
    if (next === "") setExample("0");
  };
  const undo = (): void => {
    replace(before.at(-1) ?? "");
    setBefore(before.slice(0, -1));
  };
  const clear = (): void => {
    setBefore([...before, text]);
    replace("");
  };
  const label = (value: number): void => {
    changed.current = text === "" ? "" : keyOf(text, value);
    setShall(value);
  };
  const shown = prepared !== undefined && pixelsOf(prepared.example) === pixelsOf(example);
  return (
    <section class="digits-draw" aria-label="Draw your own">
      <div>
        <Pad
          ink={ink}
          image={image}
          onBegin={() => setBefore([...before, text])}
          onChange={draw}
        />
        <p class="digits-tools">
          <button type="button" disabled={before.length === 0} onClick={undo}>
            Undo
          </button>{" "}
          <button type="button" disabled={text === ""} onClick={clear}>
            Clear
          </button>
        </p>
        <p class="soft">
          Draw with the pointer, large, as one digit. By keys: arrows move the pen, Space makes a
          dot, Shift with an arrow draws a line.
        </p>
      </div>
      <div class="digits-seen">
        <Labels about={about} value={shall} onChange={label} />
        {answer.error !== undefined && <Pending of={answer} />}
        {prepared && (
          <>
            <div class="digits-prepared">
              <Pixels
                numbers={prepared.x.data}
                rows={rows}
                columns={columns}
                mode="ink"
                scale={1}
                zoom={84 / Math.max(rows, columns)}
                label="Your drawing, scaled and moved to the middle"
              />
              <p class="soft">
                What the network sees: your drawing, scaled and moved to the middle like the digits
                that it learned.
              </p>
            </div>
            {shown ? <Said about={about} /> : (
              <button type="button" onClick={() => setExample(prepared.example)}>
                Look at my drawing again
              </button>
            )}
          </>
        )}
      </div>
    </section>
  );
}

/** The drawing in the name of an example: "5:PIXELS". */
function pixelsOf(example: string): string {
  return example.split(":")[1] ?? "";
}

function keyOf(ink: string, label: number): string {
  return `${label}:${ink}`;
}

/** The answer of the network, while the drawing grows. */
function Said({ about }: { readonly about: About }): JSX.Element | null {
  const digit = useDigit().value;
  if (digit?.said == null) return null;
  return (
    <>
      <p class="digits-answer" role="status">
        The network says <b>{about.classes[digit.said]}</b>
      </p>
      <Outputs digit={digit} about={about} />
    </>
  );
}

interface LabelsProps {
  readonly about: About;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** What the drawing shall be: the target, without which there is no cost. */
function Labels({ about, value, onChange }: LabelsProps): JSX.Element {
  const group = useId();
  const option = (choice: number, name: string): JSX.Element => (
    <label key={choice}>
      <input
        type="radio"
        name={group}
        checked={value === choice}
        onChange={() => onChange(choice)}
      />
      {name}
    </label>
  );
  return (
    <fieldset class="digits-labels">
      <legend>It shall be, for the cost:</legend>
      {option(ANY, "what the network says first")}
      <span class="digits-classes">{about.classes.map((name, i) => option(i, name))}</span>
    </fieldset>
  );
}
