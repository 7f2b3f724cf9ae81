// Where the layers of a network stand in its picture, and where each neuron is: pure geometry.
import type { Room } from "./size";

/** A layer as a block of cells, row by row. */
export interface Block {
  readonly layer: number;
  readonly neurons: number;
  readonly rows: number;
  readonly columns: number;
  /** The width and height of a cell, in pixels of the screen. */
  readonly cell: number;
  readonly left: number;
  readonly top: number;
  /** Small layers are circles, each an element; large ones one image with a cell each. */
  readonly isGrid: boolean;
}

const CIRCLES = 60; // a layer of more neurons is a grid
const CIRCLE = { least: 19, most: 32 };
const SQUARE = { least: 1, most: 16 };
const WIDEST = { image: 252, grid: 168, least: 56 };
const LEAST_GAP = 44;
const EDGE = 4; // left of the first layer
/** What is left free right of the last layer, for names and numbers. */
const MARGIN = 104;

/** The blocks of all layers; the input is laid out as `shape` if it is an image. */
export function blocksOf(sizes: readonly number[], shape: readonly number[], room: Room): Block[] {
  const gaps = Math.max(1, sizes.length - 1);
  const open = room.width - EDGE - MARGIN;
  const small = sizes.filter(isSmall).map((n) => widthOfBox(circles(n, room.height)));
  const share = (open - gaps * LEAST_GAP - sum(small)) / Math.max(1, sizes.length - small.length);
  const boxes = sizes.map((n, layer) =>
    isSmall(n) ? circles(n, room.height) : grid(n, layer === 0 ? shape : [], room.height, share),
  );
  const gap = Math.max(LEAST_GAP, (open - sum(boxes.map(widthOfBox))) / gaps);
  let left = EDGE;
  return boxes.map((box, layer) => {
    const block = { layer, ...box, left, top: (room.height - box.rows * box.cell) / 2 };
    left += widthOfBox(box) + gap;
    return block;
  });
}

type Box = Omit<Block, "layer" | "left" | "top">;

function isSmall(n: number): boolean {
  return n <= CIRCLES;
}

function widthOfBox({ columns, cell }: Box): number {
  return columns * cell;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

function circles(n: number, height: number): Box {
  const perColumn = Math.max(1, Math.floor(height / CIRCLE.least));
  const columns = Math.ceil(n / perColumn);
  const rows = Math.ceil(n / columns);
  const cell = Math.max(CIRCLE.least, Math.min(CIRCLE.most, Math.floor(height / rows)));
  return { neurons: n, rows, columns, cell, isGrid: false };
}

/** The largest cells with which all fit into a share of the width; an image keeps its shape. */
function grid(n: number, shape: readonly number[], height: number, share: number): Box {
  const [imageRows, imageColumns] = shape;
  const isImage = imageRows !== undefined && imageRows * (imageColumns ?? 0) === n;
  const most = isImage ? WIDEST.image : WIDEST.grid;
  const widest = Math.max(WIDEST.least, Math.min(most, share));
  for (let cell = SQUARE.most; ; cell--) {
    const fitting = Math.max(1, Math.floor(height / cell));
    const columns = isImage ? (imageColumns ?? 1) : Math.ceil(n / fitting);
    const rows = Math.ceil(n / columns);
    if ((columns * cell <= widest && rows <= fitting) || cell === SQUARE.least) {
      return { neurons: n, rows, columns, cell, isGrid: true };
    }
  }
}

/** How wide the picture is; more than its room if there are many layers. */
export function widthOf(blocks: readonly Block[]): number {
  const last = blocks.at(-1);
  return last ? last.left + last.columns * last.cell + MARGIN : 0;
}

/** The middle of a neuron. */
export function middleOf(block: Block, neuron: number): { readonly x: number; readonly y: number } {
  const column = neuron % block.columns;
  const row = Math.floor(neuron / block.columns);
  return {
    x: block.left + (column + 0.5) * block.cell,
    y: block.top + (row + 0.5) * block.cell,
  };
}

/** The neuron at a point, measured from the corner of its block. */
export function neuronAt(block: Block, x: number, y: number): number | null {
  const column = Math.floor(x / block.cell);
  const row = Math.floor(y / block.cell);
  const neuron = row * block.columns + column;
  const isInside = column >= 0 && column < block.columns && row >= 0 && neuron < block.neurons;
  return isInside ? neuron : null;
}

export interface Place {
  readonly layer: number;
  readonly neuron: number;
}

/** Where an arrow key leads to; over the side of a layer into the next one. */
export function neighbour(blocks: readonly Block[], from: Place, key: string): Place | null {
  const block = blocks.find((b) => b.layer === from.layer);
  if (!block) return null;
  const { columns, neurons } = block;
  const inside = (j: number): Place => ({ layer: from.layer, neuron: j });
  const { neuron } = from;
  const column = neuron % columns;
  const isLast = column === columns - 1 || neuron === neurons - 1;
  if (key === "ArrowUp") return neuron < columns ? null : inside(neuron - columns);
  if (key === "ArrowDown") return neuron + columns >= neurons ? null : inside(neuron + columns);
  if (key === "ArrowLeft") return column > 0 ? inside(neuron - 1) : across(blocks, block, from, -1);
  if (key === "ArrowRight") return isLast ? across(blocks, block, from, 1) : inside(neuron + 1);
  if (key === "Home") return inside(0);
  if (key === "End") return inside(neurons - 1);
  return null;
}

/** The neuron of the next layer that stands at about the same height. */
function across(blocks: readonly Block[], block: Block, from: Place, by: number): Place | null {
  const other = blocks.find((b) => b.layer === from.layer + by);
  if (!other) return null;
  const { y } = middleOf(block, from.neuron);
  const row = Math.max(0, Math.min(other.rows - 1, Math.floor((y - other.top) / other.cell)));
  const column = by > 0 ? 0 : other.columns - 1;
  return { layer: other.layer, neuron: Math.min(other.neurons - 1, row * other.columns + column) };
}
