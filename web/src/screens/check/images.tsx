// Every parameter as a cell, array by array, coloured by its relative error.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { count, short } from "../../format";
import { TextForm } from "../../parts/text-form";
import { useDark, useThemeColour } from "../../parts/theme";
import type { ArrayErrors, Compared, Image } from "./answers";
import { cellsOf } from "./cells";
import { arrayName, parameterOf, parameterText, placeIn } from "./parameter";
import { shade, shadesOf } from "./shade";

const CROSSED = 9; // px of a cell that has room for a cross

interface ImagesProps {
  readonly compared: Compared;
  /** The parameter that is looked at. */
  readonly parameter: string;
  readonly width: number;
  readonly choose: (parameter: string) => void;
}

export function Images({ compared, parameter, width, choose }: ImagesProps): JSX.Element {
  return (
    <div class="check-images">
      {byLayer(compared.arrays).map((arrays) => (
        <div key={arrays[0]?.name} class="check-layer">
          {arrays.map((errors) => {
            const image = compared.images[errors.name];
            return image && (
              <Picture
                key={errors.name}
                errors={errors}
                image={image}
                tile={errors.name === "w1" ? compared.tile : null}
                parameter={parameter}
                width={width}
                choose={choose}
              />
            );
          })}
        </div>
      ))}
      <ul class="check-key" aria-label="Key">
        <li class="right">agrees: the fainter, the closer</li>
        <li class="wrong">wrong</li>
        <li class="none">not compared</li>
      </ul>
    </div>
  );
}

/** The weights of a layer with its biases. */
function byLayer(arrays: readonly ArrayErrors[]): ArrayErrors[][] {
  const layers = new Map<string, ArrayErrors[]>();
  for (const each of arrays) {
    const layer = each.name.slice(1);
    layers.set(layer, [...(layers.get(layer) ?? []), each]);
  }
  return [...layers.values()];
}

interface PictureProps {
  readonly errors: ArrayErrors;
  readonly image: Image;
  readonly tile: readonly [number, number] | null;
  readonly parameter: string;
  readonly width: number;
  readonly choose: (parameter: string) => void;
}

function Picture(props: PictureProps): JSX.Element {
  const { errors, image, tile, parameter, width, choose } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = useDark();
  const colour = useThemeColour();
  const cells = useMemo(() => cellsOf(errors.shape, tile, width), [errors.shape, tile, width]);
  const { zoom, rows, columns } = cells;
  const chosen = parameterOf(parameter);
  const at = chosen.array === errors.name ? placeIn(errors.shape, chosen.index) : null;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const shades = shadesOf(colour);
    context.clearRect(0, 0, columns * zoom, rows * zoom);
    const gap = zoom > 5 ? 1 : 0;
    image.error.data.forEach((error, place) => {
      const [x, y] = cells.at(place);
      context.fillStyle = shade(shades, error);
      context.fillRect(x * zoom, y * zoom, zoom - gap, zoom - gap);
      if (error < 0 && zoom >= CROSSED) cross(context, [x, y], zoom, colour("paper"));
    });
    if (at !== null) {
      ring(context, cells.at(at), zoom, colour("ink"));
    }
  }, [image, cells, at, dark]);
  const pick = (event: MouseEvent): void => {
    const index = cells.index(Math.floor(event.offsetX / zoom), Math.floor(event.offsetY / zoom));
    if (index) choose(parameterText({ array: errors.name, index }));
  };
  const title = titleOf(errors);
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${title}: relative error of each`}
        width={columns * zoom}
        height={rows * zoom}
        onClick={pick}
      />
      <TextForm
        title={arrayName(errors.name)}
        head={["parameter", "gradient", "difference", "relative error", "verdict"]}
        rows={() => rowsOf(errors, image)}
      />
    </figure>
  );
}

/** What is wrong can be told without its colour. */
function cross(
  context: CanvasRenderingContext2D,
  [column, row]: readonly [number, number],
  zoom: number,
  paper: string,
): void {
  const [x, y, size] = [column * zoom + 3, row * zoom + 3, zoom - 7];
  context.strokeStyle = paper;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + size, y + size);
  context.moveTo(x + size, y);
  context.lineTo(x, y + size);
  context.stroke();
}

/** A box in a cell, or around one that is too small for it. */
function ring(
  context: CanvasRenderingContext2D,
  [column, row]: readonly [number, number],
  zoom: number,
  ink: string,
): void {
  const size = Math.max(zoom - 3, 9);
  const [x, y] = [(column + 0.5) * zoom - size / 2 - 0.5, (row + 0.5) * zoom - size / 2 - 0.5];
  context.strokeStyle = ink;
  context.lineWidth = 2;
  context.strokeRect(Math.max(1, x), Math.max(1, y), size, size);
}

/** w¹, 30 × 784: 120 compared, 3 wrong, times 10. */
function titleOf({ name, shape, checked, wrong, ratio, unclear }: ArrayErrors): string {
  const parts = [`${count(checked)} compared`, wrong ? `${count(wrong)} wrong` : "none wrong"];
  if (wrong && ratio !== null) parts.push(`each times ${short(ratio)}`);
  if (unclear) parts.push(`${count(unclear)} not to be judged, at a kink`);
  return `${arrayName(name)}, ${shape.join(" × ")}: ${parts.join(", ")}`;
}

function rowsOf({ name, shape }: ArrayErrors, image: Image): (string | number)[][] {
  const rows: (string | number)[][] = [];
  const columns = shape[1] ?? 1;
  image.error.data.forEach((error, place) => {
    if (Number.isNaN(error)) return;
    const index = shape.length > 1 ? [Math.floor(place / columns), place % columns] : [place];
    rows.push([
      `${arrayName(name)}[${index.join(", ")}]`,
      image.analytic.data[place] ?? NaN,
      image.numeric.data[place] ?? NaN,
      Math.abs(error),
      error < 0 ? "wrong" : "agrees",
    ]);
  });
  return rows;
}
