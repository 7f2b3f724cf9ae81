// The cells of a matrix on a canvas: colours, headings, and what is lit. Numbers are text above it.
import { inkOn } from "./colours";
import { GUTTER, headings, type CellSize, type Span } from "./matrix-window";

/** Indices of an axis that are lit, or all of them. */
export type Lit = readonly number[] | "all";

export interface Picture {
  readonly at: (row: number, column: number) => number;
  readonly blank: boolean;
  readonly rows: Span;
  readonly columns: Span;
  readonly litRows: Lit;
  readonly litColumns: Lit;
  readonly cell: CellSize;
  readonly colour: (x: number) => string;
  /** A colour of the theme by its name. */
  readonly theme: (name: string) => string;
}

const LINED = 9; // px: cells this large have lines between them
const MARKED = 12; // px: cells this large have a minus where they have no number

export function paintMatrix(canvas: HTMLCanvasElement, picture: Picture): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { rows, columns, cell } = picture;
  const width = GUTTER.left + (columns.to - columns.from) * cell.width + 2;
  const height = GUTTER.top + (rows.to - rows.from) * cell.height + 2;
  const sharp = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(height * sharp);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  context.scale(sharp, sharp);
  if (!picture.blank) paintCells(context, picture);
  paintLines(context, picture);
  paintHeadings(context, picture);
  paintLit(context, picture);
}

type Context = CanvasRenderingContext2D;

const leftOf = (p: Picture, column: number): number =>
  GUTTER.left + (column - p.columns.from) * p.cell.width;
const topOf = (p: Picture, row: number): number =>
  GUTTER.top + (row - p.rows.from) * p.cell.height;

function paintCells(context: Context, p: Picture): void {
  const { width, height, numbers } = p.cell;
  const marked = !numbers && Math.min(width, height) >= MARKED;
  for (let i = p.rows.from; i < p.rows.to; i++) {
    for (let j = p.columns.from; j < p.columns.to; j++) {
      const x = p.at(i, j);
      const [left, top] = [leftOf(p, j), topOf(p, i)];
      context.fillStyle = p.colour(x);
      context.fillRect(left, top, width, height);
      if (!marked || !(x < 0)) continue;
      context.fillStyle = inkOn(p.colour(x));
      context.fillRect(left + width / 2 - 3, top + height / 2 - 0.5, 6, 1);
    }
  }
}

function paintLines(context: Context, p: Picture): void {
  const [left, top] = [GUTTER.left, GUTTER.top];
  const [right, bottom] = [leftOf(p, p.columns.to), topOf(p, p.rows.to)];
  context.strokeStyle = p.theme("frame-line");
  context.lineWidth = 0.5;
  context.beginPath();
  if (p.cell.height >= LINED) {
    for (let i = p.rows.from + 1; i < p.rows.to; i++) {
      line(context, left, topOf(p, i), right, topOf(p, i));
    }
  }
  if (p.cell.width >= LINED) {
    for (let j = p.columns.from + 1; j < p.columns.to; j++) {
      line(context, leftOf(p, j), top, leftOf(p, j), bottom);
    }
  }
  context.stroke();
  context.lineWidth = 1;
  context.strokeStyle = p.theme("line");
  context.strokeRect(left - 0.5, top - 0.5, right - left + 1, bottom - top + 1);
}

function line(context: Context, x0: number, y0: number, x1: number, y1: number): void {
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
}

function paintHeadings(context: Context, p: Picture): void {
  const { rows, columns, cell } = p;
  context.font = "10px system-ui";
  context.fillStyle = p.theme("soft");
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const i of headings(rows, cell.height, 12)) {
    context.fillText(String(i), GUTTER.left - 5, topOf(p, i) + cell.height / 2);
  }
  context.textAlign = "center";
  if (columns.from === 0 && columns.to === 1) return; // a vector has nothing to number there
  for (const j of headings(columns, cell.width, 26)) {
    context.fillText(String(j), leftOf(p, j) + cell.width / 2, GUTTER.top / 2);
  }
}

function paintLit(context: Context, p: Picture): void {
  const { rows, columns } = p;
  for (const span of spansOf(p.litRows, rows)) frame(context, p, span, columns);
  for (const span of spansOf(p.litColumns, columns)) frame(context, p, rows, span);
}

function spansOf(lit: Lit, shown: Span): Span[] {
  if (lit === "all") return [shown];
  const seen = lit.filter((i) => shown.from <= i && i < shown.to);
  return seen.map((i) => ({ from: i, to: i + 1 }));
}

/** A frame around cells, outside of narrow ones; paper at its sides tells it from any colour. */
function frame(context: Context, p: Picture, rows: Span, columns: Span): void {
  const [x, y] = [leftOf(p, columns.from), topOf(p, rows.from)];
  const [width, height] = [leftOf(p, columns.to) - x, topOf(p, rows.to) - y];
  const out = Math.min(width, height) < MARKED ? 1 : 0;
  for (const [thick, colour] of [[4, "paper"], [2, "group-line"]] as const) {
    context.lineWidth = thick;
    context.strokeStyle = p.theme(colour);
    context.strokeRect(x - out, y - out, width + 2 * out, height + 2 * out);
  }
}
