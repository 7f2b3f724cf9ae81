// A network as a picture: its layers as columns of neurons, coloured by one of their numbers. One
// neuron is chosen, by a click or with the arrow keys.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { About } from "../moment";
import { short } from "../format";
import { useFlag, useText } from "../place";
import { blocksOf, neighbour, widthOf, type Block, type Place } from "./network-layout";
import { LayerCells } from "./network-layer";
import { Links, type Link } from "./network-links";
import {
  cellsOf, hasOwn, MEANINGS, nameOf, QUANTITIES, rowsOf, scaleOf, SYMBOLS, type Quantity,
  type Shown,
} from "./network-numbers";
import "./network-picture.css";
import { Pixels } from "./pixels";
import { useSize } from "./size";
import { TextForm } from "./text-form";

interface NetworkPictureProps {
  readonly about: About;
  readonly numbers: Shown;
  /** The neuron that is looked at; layer 0 is the input. */
  readonly chosen: Place | null;
  readonly onChoose: (place: Place) => void;
  /** Whether an input can be chosen, too. */
  readonly inputs?: boolean;
  /** Which numbers may be seen; all four unless some are named. */
  readonly shown?: readonly Quantity[];
  /** Connections to draw: those that matter most to the chosen neuron. */
  readonly links?: readonly Link[];
}

const BEFORE = { width: 640, height: 260 };
const STRIP = Array.from({ length: 41 }, (_, i) => i / 20 - 1);

export function NetworkPicture(props: NetworkPictureProps): JSX.Element {
  const { about, numbers, shown = QUANTITIES, chosen, links = [] } = props;
  const [quantity] = useQuantity(shown);
  const [apart] = useFlag("apart");
  const [hovered, setHovered] = useState<Place | null>(null);
  const looked = hovered ?? chosen;
  return (
    <figure class="network">
      <Controls shown={shown} numbers={numbers} layers={about.sizes.length} />
      <Layers {...props} quantity={quantity} apart={apart} onHover={setHovered} />
      <p class="network-looked">{looked ? nameOf(numbers, looked, shown) : " "}</p>
      <div class="network-notes">
        <TextForm
          title="all neurons"
          head={["layer", "neuron", ...shown.map((q) => SYMBOLS[q])]}
          rows={() => rowsOf(numbers, about.sizes, shown)}
        />
        {links.length > 1 && <span>lines: largest weights, dashed below 0</span>}
      </div>
    </figure>
  );
}

interface ControlsProps {
  readonly shown: readonly Quantity[];
  readonly numbers: Shown;
  readonly layers: number;
}

/** What colours the neurons, and in which scale. */
function Controls({ shown, numbers, layers }: ControlsProps): JSX.Element {
  const [quantity, setQuantity] = useQuantity(shown);
  const [apart, setApart] = useFlag("apart");
  const scale = scaleOf(numbers, quantity, 1, layers, true);
  return (
    <div class="network-controls">
      <label>
        colour{" "}
        <select value={quantity ?? ""} onChange={(e) => setQuantity(e.currentTarget.value)}>
          {shown.length === 0 && <option value="">nothing</option>}
          {shown.map((q) => (
            <option key={q} value={q}>
              {MEANINGS[q]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <input
          type="checkbox"
          checked={apart}
          onChange={(event) => setApart(event.currentTarget.checked)}
        />{" "}
        each layer by its own scale
      </label>
      {quantity && !apart && <Legend quantity={quantity} scale={scale} />}
    </div>
  );
}

/** The quantity that colours the picture; one of those that may be seen. */
function useQuantity(shown: readonly Quantity[]): [Quantity | null, (q: string) => void] {
  const [text, set] = useText("colour", "delta");
  const found = shown.find((q) => q === text) ?? shown[0] ?? null;
  return [found, set];
}

interface LegendProps {
  readonly quantity: Quantity;
  readonly scale: number;
}

/** What the colours mean, in numbers. */
function Legend({ quantity, scale }: LegendProps): JSX.Element {
  const most = short(scale, 2);
  return (
    <span class="network-legend">
      −{most}
      <Pixels
        numbers={STRIP}
        rows={1}
        columns={STRIP.length}
        mode="signed"
        scale={1}
        zoom={2}
        label={`colours of ${SYMBOLS[quantity]} from minus to plus ${most}`}
      />
      +{most}
    </span>
  );
}

interface LayersProps extends NetworkPictureProps {
  readonly quantity: Quantity | null;
  readonly apart: boolean;
  readonly onHover: (place: Place | null) => void;
}

/** The columns of neurons with the connections between them. */
function Layers(props: LayersProps): JSX.Element {
  const { about, chosen, inputs = false, links = [], onHover } = props;
  const place = useRef<HTMLDivElement>(null);
  const room = useSize(place, BEFORE);
  const inner = room.height - 22; // below the titles of layers
  const blocks = useMemo(
    () => blocksOf(about.sizes, about.shape, { width: room.width, height: inner }),
    [about, room.width, inner],
  );
  const open = inputs ? blocks : blocks.slice(1);
  const isThere = open.some((b) => b.layer === chosen?.layer && chosen.neuron < b.neurons);
  const tabStop = isThere && chosen ? chosen : { layer: open[0]?.layer ?? 1, neuron: 0 };
  const onKeyDown = useArrows(place, tabStop, props, (key) => neighbour(open, tabStop, key));
  return (
    <div ref={place} class="network-area" onKeyDown={onKeyDown} onMouseLeave={() => onHover(null)}>
      <div
        class="network-layers"
        style={{ width: `${widthOf(blocks)}px`, height: `${inner}px` }}
      >
        <Links blocks={blocks} links={links} />
        {blocks.map((block) => (
          <Layer
            key={block.layer}
            {...props}
            block={block}
            tabStop={tabStop}
            isOpen={open.includes(block)}
          />
        ))}
      </div>
    </div>
  );
}

interface LayerProps extends LayersProps {
  readonly block: Block;
  /** Where Tab comes to, in whichever layer that is. */
  readonly tabStop: Place;
  /** Whether its neurons can be chosen. */
  readonly isOpen: boolean;
}

function Layer({ block, tabStop, isOpen, ...props }: LayerProps): JSX.Element {
  const { about, numbers, chosen, quantity, apart, onHover } = props;
  const { layer } = block;
  const last = about.sizes.length - 1;
  return (
    <LayerCells
      block={block}
      title={titleOf(layer, last)}
      cells={cellsOf(numbers, quantity, layer)}
      scale={scaleOf(numbers, quantity, layer, about.sizes.length, !apart)}
      isPlain={!hasOwn(numbers, quantity, layer)}
      symbol={quantity && SYMBOLS[quantity]}
      labels={layer === last ? about.classes : []}
      isLast={layer === last}
      chosen={chosen?.layer === layer ? chosen.neuron : null}
      tabStop={tabStop.layer === layer ? tabStop.neuron : null}
      nameOf={(neuron) => nameOf(numbers, { layer, neuron }, props.shown)}
      onHover={onHover}
      onChoose={isOpen ? props.onChoose : null}
    />
  );
}

function titleOf(layer: number, last: number): string {
  if (layer === 0) return "input";
  return layer === last ? `layer ${layer}, output` : `layer ${layer}`;
}

/** Arrow keys choose a neighbour, which then has the focus. */
function useArrows(
  area: { readonly current: HTMLElement | null },
  at: Place,
  { onChoose }: Pick<NetworkPictureProps, "onChoose">,
  next: (key: string) => Place | null,
): (event: KeyboardEvent) => void {
  const hasMoved = useRef(false);
  useEffect(() => {
    if (!hasMoved.current) return;
    hasMoved.current = false;
    area.current?.querySelector<HTMLElement>('[role="option"][tabindex="0"]')?.focus();
  }, [at.layer, at.neuron]);
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isChoice = event.key === "Enter" || event.key === " ";
    const to = isChoice ? at : next(event.key);
    if (isChoice || to || /^(Arrow|Home|End)/.test(event.key)) event.preventDefault();
    if (!to) return;
    hasMoved.current = true;
    onChoose(to);
  };
}
