// A matrix or a vector: coloured cells, with their numbers where there is room. Of a large one a
// window is in view. The cursor is a cell of an ARIA grid, so keys and screen readers reach all.
import { useSignal, type Signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Tensor } from "../engine/wire";
import { short } from "../format";
import { inkOn, largest, signedColours } from "./colours";
import { paintMatrix, type Lit } from "./matrix-paint";
import {
  cellAfter, cellSize, fitting, GUTTER, partShown, revealing, spanFrom,
  written, type Cell, type CellSize, type Span,
} from "./matrix-window";
import "./matrix.css";
import type { Room } from "./size";
import { TextForm } from "./text-form";
import { useDark, useThemeColour } from "./theme";

/** Rows or columns. Matrices that share an axis may share what is lit and what is in view. */
export interface Axis {
  readonly length: number;
  /** What an index counts: "neuron of layer 2". */
  readonly what: string;
  readonly lit?: Lit;
  /** The first index in view. */
  readonly first?: Signal<number>;
}

export interface MatrixProps {
  /** What it is, in words: "δ of layer 2". */
  readonly label: string;
  /** The same as it stands above the cells, such as a formula. */
  readonly heading?: ComponentChildren;
  /** Rows and columns, or one axis for a column. */
  readonly numbers: Tensor;
  readonly transposed?: boolean;
  /** Not computed yet: empty cells. */
  readonly blank?: boolean;
  readonly rows: Axis;
  readonly columns: Axis;
  /** Screen pixels that it may take. */
  readonly room: Room;
  /** In place of what fits into the room, for cells that stand in line with another matrix's. */
  readonly cell?: CellSize;
  /** What stands for full colour; the largest magnitude unless given. */
  readonly scale?: number;
  /** The cell that is chosen; null where only its row or its column is. */
  readonly cursor: { readonly row: number | null; readonly column: number | null };
  readonly onCursor: (cell: Cell) => void;
  readonly onHover?: (cell: Cell | null) => void;
}

export function Matrix(props: MatrixProps): JSX.Element {
  const { label, heading, rows, columns, room, blank = false } = props;
  const cell = props.cell ?? cellSize(rows.length, columns.length, room);
  const views = [
    useView(rows, props.cursor.row, cell.height, room.height - GUTTER.top),
    useView(columns, props.cursor.column, cell.width, room.width - GUTTER.left),
  ] as const;
  const [down, across] = views;
  const view = useScrolls(views);
  const part = partShown(down.span, across.span, [rows.length, columns.length]);
  return (
    <figure class="matrix">
      <figcaption>{heading ?? label}</figcaption>
      <div
        ref={view.element}
        class="matrix-view"
        style={{
          width: `${GUTTER.left + across.shown * cell.width + 2 + (down.scrolls ? 12 : 0)}px`,
          height: `${GUTTER.top + down.shown * cell.height + 2 + (across.scrolls ? 12 : 0)}px`,
        }}
        onScroll={view.onScroll}
      >
        <div
          class="matrix-extent"
          style={{
            width: `${GUTTER.left + columns.length * cell.width + 2}px`,
            height: `${GUTTER.top + rows.length * cell.height + 2}px`,
          }}
        >
          <Window {...props} blank={blank} cell={cell} down={down.span} across={across.span} />
        </div>
      </div>
      {part && <p class="matrix-part">{part}</p>}
    </figure>
  );
}

interface View {
  readonly span: Span;
  readonly shown: number;
  readonly scrolls: boolean;
  readonly cell: number;
  readonly first: Signal<number>;
}

/** The part of an axis that is in view; what gets lit, or the cursor, comes into view. */
function useView(axis: Axis, cursor: number | null, cell: number, room: number): View {
  const own = useSignal(0);
  const first = axis.first ?? own;
  const shown = fitting(axis.length, cell, room);
  const span = spanFrom(first.value, shown, axis.length);
  const index = axis.lit === "all" ? cursor : (axis.lit?.[0] ?? cursor);
  useEffect(() => {
    if (index !== null && shown < axis.length) first.value = revealing(index, span);
  }, [index, shown, axis.length]);
  return { span, shown, scrolls: shown < axis.length, cell, first };
}

/** The scroll bars follow what is in view, and what a reader scrolls to comes into view. */
function useScrolls([down, across]: readonly [View, View]) {
  const element = useRef<HTMLDivElement>(null);
  const set = useRef({ top: 0, left: 0 });
  useLayoutEffect(() => {
    const view = element.current;
    if (!view) return;
    if (down.scrolls) view.scrollTop = down.span.from * down.cell;
    if (across.scrolls) view.scrollLeft = across.span.from * across.cell;
    set.current = { top: view.scrollTop, left: view.scrollLeft };
  }, [down.span.from, across.span.from, down.cell, across.cell]);
  const onScroll = (): void => {
    const view = element.current;
    if (!view) return;
    const { top, left } = set.current;
    set.current = { top: view.scrollTop, left: view.scrollLeft };
    if (Math.abs(view.scrollTop - top) >= 1) down.first.value = view.scrollTop / down.cell;
    if (Math.abs(view.scrollLeft - left) >= 1) across.first.value = view.scrollLeft / across.cell;
  };
  return { element, onScroll };
}

const ACTIVE = '[role="gridcell"][tabindex="0"]';

interface WindowProps extends MatrixProps {
  readonly blank: boolean;
  readonly cell: CellSize;
  readonly down: Span;
  readonly across: Span;
}

/** What is in view: the canvas, and above it the grid with the cells that can be reached. */
function Window(props: WindowProps): JSX.Element {
  const { label, numbers, rows, columns, cell, down, across, onHover } = props;
  const pointed = useRef<Cell | null>(null);
  const dark = useDark();
  const most = useMemo(() => props.scale ?? largest(numbers.data), [props.scale, numbers]);
  const colour = useMemo(() => signedColours(dark, most), [dark, most]);
  const point = (event: PointerEvent): void => {
    const found = cellUnder(event, props);
    if (found?.row === pointed.current?.row && found?.column === pointed.current?.column) return;
    pointed.current = found;
    onHover?.(found);
  };
  const leave = (): void => {
    pointed.current = null;
    onHover?.(null);
  };
  return (
    <div
      class="matrix-window"
      onPointerMove={point}
      onPointerLeave={leave}
      onClick={(event) => {
        const found = cellUnder(event, props);
        event.currentTarget.querySelector<HTMLElement>(ACTIVE)?.focus({ preventScroll: true });
        if (found) props.onCursor(found);
      }}
    >
      <Canvas {...props} colour={colour} />
      <div
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length}
        aria-colcount={columns.length}
        onKeyDown={(event) => press(event, props)}
      >
        <Cells {...props} colour={colour} down={down} across={across} cell={cell} />
      </div>
    </div>
  );
}

interface Coloured extends WindowProps {
  readonly colour: (x: number) => string;
}

function Canvas(props: Coloured): JSX.Element {
  const { numbers, transposed, blank, rows, columns, cell, down, across, colour } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useThemeColour();
  useEffect(() => {
    if (!canvas.current) return;
    paintMatrix(canvas.current, {
      at: (i, j) => entry(numbers, i, j, transposed), blank, cell, colour, theme,
      rows: down, columns: across, litRows: rows.lit ?? [], litColumns: columns.lit ?? [],
    });
  });
  return <canvas ref={canvas} aria-hidden="true" />;
}

/** All cells in view if their numbers stand in them, else the one at the cursor. */
function Cells(props: Coloured): JSX.Element {
  const { cell, down, across } = props;
  const active = activeCell(props);
  const grid = useRef<HTMLDivElement>(null);
  const hadFocus = grid.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    const found = grid.current?.querySelector<HTMLElement>(ACTIVE);
    if (hadFocus) found?.focus({ preventScroll: true });
  }, [active.row, active.column]);
  const rows = cell.numbers ? range(down) : [active.row];
  const columns = cell.numbers ? range(across) : [active.column];
  return (
    <div ref={grid} role="rowgroup">
      {rows.map((i) => (
        <div key={i} role="row" aria-rowindex={i + 1}>
          {columns.map((j) => (
            <OneCell
              key={cell.numbers ? j : `${i} ${j}`}
              {...props}
              at={{ row: i, column: j }}
              active={i === active.row && j === active.column}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

interface OneCellProps extends Coloured {
  readonly at: Cell;
  readonly active: boolean;
}

function OneCell(props: OneCellProps): JSX.Element {
  const { numbers, transposed, blank, rows, columns, cell, down, across, colour, at } = props;
  const x = entry(numbers, at.row, at.column, transposed);
  const where = [rows, columns]
    .map((axis, n) => (axis.length > 1 ? `${axis.what} ${n ? at.column : at.row}` : ""))
    .filter((text) => text !== "")
    .join(", ");
  const text = cell.numbers ? written(x, cell.width) : short(x);
  const chosen = props.cursor.row === at.row && props.cursor.column === at.column;
  return (
    <div
      role="gridcell"
      class={chosen ? "chosen" : ""}
      tabIndex={props.active ? 0 : -1}
      aria-rowindex={at.row + 1}
      aria-colindex={at.column + 1}
      aria-selected={chosen}
      aria-label={`${where}: ${blank ? "not computed yet" : text}`}
      style={{
        left: `${GUTTER.left + (at.column - across.from) * cell.width}px`,
        top: `${GUTTER.top + (at.row - down.from) * cell.height}px`,
        width: `${cell.width}px`,
        height: `${cell.height}px`,
        lineHeight: `${cell.height}px`,
        outlineOffset: cell.numbers ? "-2px" : "0px",
        color: inkOn(colour(x)),
      }}
    >
      {cell.numbers && !blank ? text : ""}
    </div>
  );
}

/** The cell that keys move from: the cursor if it is in view, else the first one in view. */
function activeCell({ cursor, down, across }: WindowProps): Cell {
  const seen = (i: number | null, { from, to }: Span): number =>
    i !== null && from <= i && i < to ? i : from;
  return { row: seen(cursor.row, down), column: seen(cursor.column, across) };
}

function press(event: KeyboardEvent, props: WindowProps): void {
  const { rows, columns, down } = props;
  const size = [rows.length, columns.length] as const;
  const found = cellAfter(event, activeCell(props), size, down.to - down.from);
  const enters = event.key === "Enter" || event.key === " ";
  if (!found && !enters) return;
  event.preventDefault();
  props.onCursor(found ?? activeCell(props));
}

function cellUnder(event: MouseEvent, { cell, down, across }: WindowProps): Cell | null {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const x = event.clientX - box.left - GUTTER.left;
  const y = event.clientY - box.top - GUTTER.top;
  const row = down.from + Math.floor(y / cell.height);
  const column = across.from + Math.floor(x / cell.width);
  return x < 0 || y < 0 || row >= down.to || column >= across.to ? null : { row, column };
}

function entry(numbers: Tensor, row: number, column: number, transposed = false): number {
  return transposed ? numbers.at(column, row) : numbers.at(row, column);
}

function range({ from, to }: Span): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

const LISTED = 60_000; // numbers of a text form
const SIDE_BY_SIDE = 16; // columns that stand beside each other in a text form

type TextProps = Pick<MatrixProps, "label" | "numbers" | "transposed" | "rows" | "columns">;

/** The numbers of a matrix as a table: by rows, or one number a line if there are many columns. */
export function MatrixText(props: TextProps): JSX.Element {
  const { label, numbers, transposed, rows, columns } = props;
  const fits = Math.max(1, Math.floor(LISTED / columns.length));
  const span = spanFrom(rows.first?.value ?? 0, Math.min(fits, rows.length), rows.length);
  const part = partShown(span, { from: 0, to: columns.length }, [rows.length, columns.length]);
  const every = range({ from: 0, to: columns.length });
  const x = (i: number, j: number): number => entry(numbers, i, j, transposed);
  const wide = columns.length > SIDE_BY_SIDE;
  const names = columns.length === 1 ? ["number"] : every.map(String);
  return (
    <TextForm
      title={part ? `${label}, ${part}` : label}
      head={wide ? [rows.what, columns.what, "number"] : [rows.what, ...names]}
      rows={() =>
        wide
          ? range(span).flatMap((i) => every.map((j) => [String(i), String(j), x(i, j)]))
          : range(span).map((i) => [String(i), ...every.map((j) => x(i, j))])
      }
    />
  );
}
