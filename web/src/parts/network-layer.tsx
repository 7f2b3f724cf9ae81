// One layer of a network in its picture: circles, or an image if there are many neurons.
import type { JSX } from "preact";
import { short } from "../format";
import { inkOn, signedColours } from "./colours";
import { neuronAt, type Block, type Place } from "./network-layout";
import { Pixels } from "./pixels";
import { useDark } from "./theme";

const SIGNED = 10; // px of a cell that has room for a sign

interface LayerProps {
  readonly block: Block;
  readonly title: string;
  readonly cells: Float32Array;
  /** What stands for full colour and full size. */
  readonly scale: number;
  /** Whether the numbers are those of the input, and not the quantity that colours the rest. */
  readonly isPlain: boolean;
  readonly symbol: string | null;
  /** What neurons stand for, if it is known: "7". */
  readonly labels: readonly string[];
  readonly isLast: boolean;
  readonly chosen: number | null;
  readonly tabStop: number | null;
  readonly nameOf: (neuron: number) => string;
  readonly onHover: (place: Place | null) => void;
  readonly onChoose: ((place: Place) => void) | null;
}

export function LayerCells(props: LayerProps): JSX.Element {
  const colour = signedColours(useDark(), props.scale);
  const { block, title, onHover, onChoose } = props;
  const { layer, rows, columns, cell, left, top, isGrid, neurons } = block;
  const at = (event: MouseEvent): Place | null => {
    const corner = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const neuron = neuronAt(block, event.clientX - corner.left, event.clientY - corner.top);
    return neuron === null ? null : { layer, neuron };
  };
  const choose = (event: MouseEvent): void => {
    const place = at(event);
    if (place) onChoose?.(place);
  };
  const box = { width: `${columns * cell}px`, height: `${rows * cell}px` };
  return (
    <div class="network-layer" style={{ left: `${left}px`, top: `${top}px`, ...box }}>
      <span class="network-title">{title}</span>
      {isGrid && <Image {...props} />}
      {(onChoose || !isGrid) && (
        <div
          class="network-cells"
          role={onChoose ? "listbox" : "list"}
          aria-label={`${title}: ${neurons} neurons`}
          style={box}
          onClick={choose}
          onMouseMove={(event) => onHover(at(event))}
        >
          {options({ ...props, colour })}
        </div>
      )}
      {props.isLast && columns === 1 && !isGrid && <Beside {...props} />}
    </div>
  );
}

interface Drawn extends LayerProps {
  readonly colour: (x: number) => string;
}

/** All circles; of an image only the neuron that is looked at. */
function options(props: Drawn): JSX.Element[] {
  const { block, chosen, tabStop } = props;
  const all = Array.from({ length: block.neurons }, (_, j) => j);
  const there = block.isGrid ? [chosen ?? tabStop ?? 0] : all;
  return there.map((j) => <Neuron key={block.isGrid ? "one" : j} {...props} neuron={j} />);
}

function Image({ block, cells, scale, isPlain, title, symbol }: LayerProps): JSX.Element {
  const what = isPlain ? "the input itself" : symbol;
  return (
    <Pixels
      numbers={cells}
      rows={block.rows}
      columns={block.columns}
      mode={isPlain ? "ink" : "signed"}
      scale={scale}
      zoom={block.cell}
      signs={!isPlain && block.cell >= SIGNED}
      label={`${title} as an image: ${what ?? "hidden"}`}
    />
  );
}

function Neuron(props: Drawn & { readonly neuron: number }): JSX.Element {
  const { block, neuron, chosen, tabStop, nameOf, onChoose, labels } = props;
  const { cell, columns, isGrid, neurons } = block;
  const name = nameOf(neuron);
  return (
    <div
      role={onChoose ? "option" : "listitem"}
      class={`network-neuron${isGrid ? " square" : ""}`}
      aria-label={labels[neuron] === undefined ? name : `${name}, class ${labels[neuron]}`}
      {...(onChoose && {
        "aria-selected": neuron === chosen,
        "aria-posinset": neuron + 1,
        "aria-setsize": neurons,
        tabIndex: neuron === tabStop ? 0 : -1,
      })}
      style={{
        left: `${(neuron % columns) * cell}px`,
        top: `${Math.floor(neuron / columns) * cell}px`,
        width: `${cell}px`,
        height: `${cell}px`,
      }}
    >
      {!isGrid && <Dot {...props} />}
    </div>
  );
}

/** A circle as large as its number; the sign is its colour and stands inside. */
function Dot(props: Drawn & { readonly neuron: number }): JSX.Element {
  const { block, cells, neuron, scale, symbol } = props;
  const x = symbol === null ? 0 : (cells[neuron] ?? 0);
  const part = symbol === null ? 0.5 : Math.min(1, Math.abs(x) / (scale || 1));
  const size = Math.round((block.cell - 2) * (0.3 + 0.7 * Math.sqrt(part)));
  const colour = props.colour(x);
  return (
    <span
      class="network-dot"
      style={{
        width: `${size}px`,
        height: `${size}px`,
        background: colour,
        color: inkOn(colour),
        fontSize: `${Math.min(15, size)}px`,
      }}
    >
      {size >= 10 && x !== 0 ? (x > 0 ? "+" : "−") : ""}
    </span>
  );
}

/** Names and numbers right of the last layer, which its neurons say, too. */
function Beside({ block, cells, labels, symbol }: LayerProps): JSX.Element {
  const { neurons, cell } = block;
  return (
    <div class="network-beside" aria-hidden="true" style={{ lineHeight: `${cell}px` }}>
      {Array.from({ length: neurons }, (_, j) => (
        <div key={j}>
          {labels[j] !== undefined && <b>{labels[j]}</b>}{" "}
          {symbol !== null && short(cells[j] ?? 0, 3)}
        </div>
      ))}
    </div>
  );
}
