// Where each parameter of an array stands in its picture. Rows of weights whose inputs are pixels
// are pictures themselves, side by side; else a row of the matrix is a row of cells.

export interface Cells {
  /** In cells. */
  readonly columns: number;
  readonly rows: number;
  /** Screen pixels for each cell. */
  readonly zoom: number;
  /** The cell of an entry, by its place in the numbers. */
  at(place: number): readonly [number, number];
  /** The index of what is in a cell; null between pictures. */
  index(column: number, row: number): readonly number[] | null;
}

const LARGEST = 18; // pixels a cell
const HIGHEST = 260; // pixels of a picture

export function cellsOf(
  shape: readonly number[],
  tile: readonly [number, number] | null,
  width: number,
): Cells {
  if (shape.length === 1) return row(shape[0] ?? 1, width);
  const [rows = 1, columns = 1] = shape;
  if (tile && tile[0] * tile[1] === columns && columns > 100) return tiles(rows, tile, width);
  const zoom = zoomed(columns, rows, width);
  return {
    columns, rows, zoom,
    at: (place) => [place % columns, Math.floor(place / columns)],
    index: (column, r) => (column < columns && r < rows ? [r, column] : null),
  };
}

/** Biases: as a row that wraps. */
function row(n: number, width: number): Cells {
  const columns = Math.max(1, Math.min(n, Math.floor(width / 6)));
  const rows = Math.ceil(n / columns);
  return {
    columns, rows, zoom: zoomed(columns, rows, width),
    at: (place) => [place % columns, Math.floor(place / columns)],
    index: (column, r) => (r * columns + column < n ? [r * columns + column] : null),
  };
}

function tiles(neurons: number, [high, wide]: readonly [number, number], width: number): Cells {
  const zoom = 2;
  const across = Math.max(1, Math.min(neurons, Math.floor(width / ((wide + 1) * zoom))));
  const down = Math.ceil(neurons / across);
  return {
    columns: across * (wide + 1) - 1,
    rows: down * (high + 1) - 1,
    zoom,
    at: (place) => {
      const [neuron, pixel] = [Math.floor(place / (high * wide)), place % (high * wide)];
      const [i, j] = [neuron % across, Math.floor(neuron / across)];
      return [i * (wide + 1) + (pixel % wide), j * (high + 1) + Math.floor(pixel / wide)];
    },
    index: (column, r) => {
      const [i, j] = [Math.floor(column / (wide + 1)), Math.floor(r / (high + 1))];
      const [x, y] = [column % (wide + 1), r % (high + 1)];
      const neuron = j * across + i;
      return x < wide && y < high && i < across && neuron < neurons ? [neuron, y * wide + x] : null;
    },
  };
}

function zoomed(columns: number, rows: number, width: number): number {
  return Math.max(1, Math.min(LARGEST, Math.floor(width / columns), Math.floor(HIGHEST / rows)));
}
