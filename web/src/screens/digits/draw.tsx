// A digit drawn by hand: it becomes the example that all screens look at.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useAnswer, type Answer } from "../../engine/answers";
import { useMoment, type About } from "../../moment";
import { useOwnId } from "../../parts/own-id";
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
  const drawing = useDrawing(image);
  return (
    <section class="digits-draw" aria-label="Draw your own">
      <div>
        <Pad
          ink={drawing.ink}
          image={image}
          onBegin={drawing.begin}
          onChange={(ink) => drawing.setText(encodeInk(ink))}
        />
        <p class="digits-tools">
          <button type="button" disabled={!drawing.canUndo} onClick={drawing.undo}>
            Undo
          </button>{" "}
          <button type="button" disabled={drawing.text === ""} onClick={drawing.clear}>
            Clear
          </button>
        </p>
        <p class="soft">
          Draw with the pointer, large, as one digit. By keys: arrows move the pen, Space makes a
          dot, Shift with an arrow draws a line.
        </p>
      </div>
      <Seen drawing={drawing} image={image} about={about} />
    </section>
  );
}

interface Drawing {
  readonly text: string;
  readonly ink: Uint8Array;
  /** What the drawing shall be. */
  readonly label: number;
  readonly answer: Answer<Prepared>;
  readonly canUndo: boolean;
  /** What is drawn, and what it shall be, become the example that the page looks at. */
  readonly setText: (text: string) => void;
  readonly setLabel: (label: number) => void;
  readonly begin: () => void;
  readonly undo: () => void;
  readonly clear: () => void;
}

function useDrawing([rows, columns]: readonly [number, number]): Drawing {
  const { step, setExample } = useMoment();
  const [text, setInk] = useText("ink");
  const [label, setShall] = useNumber("shall", ANY);
  const [before, setBefore] = useState<readonly string[]>([]);
  const changed = useRef(""); // what was drawn or chosen here and is not yet the page's example
  const asked = { step, ink: text, label: label === ANY ? null : label };
  const none = text === "" || step === null;
  const answer = useAnswer<Prepared>("digits.prepared", none ? null : asked);
  useEffect(() => {
    if (!changed.current || !answer.value || text === "") return;
    setExample(answer.value.example);
    if (answer.current && changed.current === keyOf(text, label)) changed.current = "";
  }, [answer.value, answer.current]);
  const setText = (next: string): void => {
    changed.current = next === "" ? "" : keyOf(next, label);
    setInk(next);
    if (next === "") setExample("0");
  };
  const setLabel = (next: number): void => {
    changed.current = text === "" ? "" : keyOf(text, next);
    setShall(next);
  };
  const begin = (): void => setBefore([...before, text]);
  const undo = (): void => {
    setText(before.at(-1) ?? "");
    setBefore(before.slice(0, -1));
  };
  const clear = (): void => {
    begin();
    setText("");
  };
  const ink = decodeInk(text, rows * columns);
  const canUndo = before.length > 0;
  return { text, ink, label, answer, canUndo, setText, setLabel, begin, undo, clear };
}

interface SeenProps extends DrawProps {
  readonly drawing: Drawing;
}

/** The drawing as the network sees it, and what it says. */
function Seen({ drawing, image, about }: SeenProps): JSX.Element {
  const { example, setExample } = useMoment();
  const { answer, text, label, setLabel } = drawing;
  const prepared = text === "" ? undefined : answer.value;
  return (
    <div class="digits-seen">
      <Labels about={about} value={label} onChange={setLabel} />
      {answer.error !== undefined && <Pending of={answer} />}
      {prepared && (
        <>
          <div class="digits-prepared">
            <Pixels
              numbers={prepared.x.data}
              rows={image[0]}
              columns={image[1]}
              mode="ink"
              scale={1}
              zoom={84 / Math.max(...image)}
              label="Your drawing, scaled and moved to the middle"
            />
            <p class="soft">
              What the network sees: your drawing, scaled and moved to the middle like the digits
              that it learned.
            </p>
          </div>
          {pixelsOf(prepared.example) === pixelsOf(example) ? <Said about={about} /> : (
            <button type="button" onClick={() => setExample(prepared.example)}>
              Look at my drawing again
            </button>
          )}
        </>
      )}
    </div>
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
  const group = useOwnId();
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
