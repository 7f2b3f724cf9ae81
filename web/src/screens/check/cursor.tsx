// Over the picture of an array: a click chooses a cell, and keys do it from the one that is an
// element of the page.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { short } from "../../format";
import type { ArrayErrors, Image } from "./answers";
import type { Cells } from "./cells";
import { arrayName, indexOf, nameIn, parameterText } from "./parameter";
import { placeAfter } from "./walk";

interface CursorProps {
  readonly errors: ArrayErrors;
  readonly image: Image;
  readonly cells: Cells;
  /** The place of the parameter that is looked at; null if it is in another array. */
  readonly at: number | null;
  readonly choose: (parameter: string) => void;
}

export function Cursor(props: CursorProps): JSX.Element {
  const { errors: { name, shape }, image, cells, at, choose } = props;
  const here = at ?? 0;
  const go = (index: readonly number[]): void => choose(parameterText({ array: name, index }));
  const pick = (event: MouseEvent): void => {
    const corner = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const [left, top] = [event.clientX - corner.left, event.clientY - corner.top];
    const index = cells.index(Math.floor(left / cells.zoom), Math.floor(top / cells.zoom));
    if (index) go(index);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isChoice = event.key === "Enter" || event.key === " ";
    const to = isChoice ? here : placeAfter(event.key, here, cells, shape, image.error.data);
    if (to === null) return;
    event.preventDefault();
    go(indexOf(shape, to));
  };
  return (
    <div
      class="check-cells"
      role="listbox"
      aria-label={`parameters ${arrayName(name)}`}
      onClick={pick}
      onKeyDown={press}
    >
      <Here {...props} place={here} />
    </div>
  );
}

/** The cell that is an element: the chosen one, else the first. */
function Here(props: CursorProps & { readonly place: number }): JSX.Element {
  const { errors, image, cells: { zoom, at: cellAt }, at, place } = props;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const isFocused = element.current === element.current?.ownerDocument.activeElement;
    if (isFocused) element.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [place]);
  const [x, y] = cellAt(place);
  const side = `${zoom}px`;
  return (
    <div
      ref={element}
      role="option"
      tabIndex={0}
      aria-selected={at !== null}
      aria-posinset={place + 1}
      aria-setsize={image.error.data.length}
      aria-label={saidOf(errors.name, errors.shape, image, place)}
      style={{ left: `${x * zoom}px`, top: `${y * zoom}px`, width: side, height: side }}
    />
  );
}

/** w¹[3, 402], gradient 0.0123, difference 0.0123, agrees. */
function saidOf(name: string, shape: readonly number[], image: Image, place: number): string {
  const error = image.error.data[place] ?? NaN;
  const facts = [`gradient ${short(image.analytic.data[place] ?? NaN)}`];
  if (!Number.isNaN(error)) facts.push(`difference ${short(image.numeric.data[place] ?? NaN)}`);
  return [nameIn(name, shape, place), ...facts, verdictOf(error)].join(", ");
}

export function verdictOf(error: number): string {
  if (Number.isNaN(error)) return "not compared";
  return error < 0 ? "wrong" : "agrees";
}
