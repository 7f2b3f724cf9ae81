// Every parameter as a cell, array by array, coloured by its relative error.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { count, short } from "../../format";
import { TextForm } from "../../parts/text-form";
import { useDark, useThemeColour } from "../../parts/theme";
import type { ArrayErrors, Compared, Image } from "./answers";
import { cellsOf } from "./cells";
import { Cursor, verdictOf } from "./cursor";
import { markOf, paintCells } from "./paint";
import { arrayName, nameIn, parameterOf, placeIn } from "./parameter";

type Tile = Compared["tile"];

interface ImagesProps {
  readonly compared: Compared;
  /** The parameter that is looked at. */
  readonly parameter: string;
  readonly width: number;
  /** null where there is nothing to choose. */
  readonly choose: ((parameter: string) => void) | null;
}

export function Images({ compared, parameter, width, choose }: ImagesProps): JSX.Element {
  const tileOf = (name: string): Tile => (name === "w1" ? compared.tile : null);
  const isStriped = compared.arrays.some(({ name, shape }) => {
    const errors = compared.images[name]?.error.data ?? [];
    return markOf(errors, cellsOf(shape, tileOf(name), width).zoom) === "stripes";
  });
  return (
    <div class="check-images">
      <Key isStriped={isStriped} isChoice={choose !== null} />
      {byLayer(compared.arrays).map((arrays) => (
        <div key={arrays[0]?.name} class="check-layer">
          {arrays.map((errors) => {
            const image = compared.images[errors.name];
            return image && (
              <Picture
                key={errors.name}
                errors={errors}
                image={image}
                tile={tileOf(errors.name)}
                parameter={parameter}
                width={width}
                choose={choose}
              />
            );
          })}
        </div>
      ))}
    </div>
  );
}

interface KeyProps {
  readonly isStriped: boolean;
  readonly isChoice: boolean;
}

/** What the cells mean, and what to do with them. */
function Key({ isStriped, isChoice }: KeyProps): JSX.Element {
  return (
    <>
      <ul class="check-key" aria-label="Key">
        <li class="right">agrees: the fainter, the closer</li>
        <li class="wrong">wrong</li>
        {isStriped && <li class="striped">wrong, in small cells</li>}
        <li class="none">not compared</li>
      </ul>
      {isChoice && (
        <p class="soft check-hint">
          A click or the arrow keys choose a parameter, Page Up and Page Down a compared one.
        </p>
      )}
    </>
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
  readonly tile: Tile;
  readonly parameter: string;
  readonly width: number;
  readonly choose: ((parameter: string) => void) | null;
}

function Picture(props: PictureProps): JSX.Element {
  const { errors, image, tile, width } = props;
  const { shape } = errors;
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = useDark();
  const colour = useThemeColour();
  const cells = useMemo(() => cellsOf(shape, tile, width), [shape, tile, width]);
  const chosen = parameterOf(props.parameter);
  const place = chosen.array === errors.name ? placeIn(shape, chosen.index) : NaN;
  const at = place < image.error.data.length ? place : null;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context) paintCells(context, { cells, errors: image.error.data, at, colour });
  }, [image, cells, at, dark]);
  const title = titleOf(errors);
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <div class="check-picture">
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${title}: relative error of each`}
          width={cells.columns * cells.zoom}
          height={cells.rows * cells.zoom}
        />
        {props.choose && <Cursor {...props} cells={cells} at={at} choose={props.choose} />}
      </div>
      <TextForm
        title={arrayName(errors.name)}
        head={["parameter", "gradient", "difference", "relative error", "verdict"]}
        rows={() => rowsOf(errors, image)}
      />
    </figure>
  );
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
  image.error.data.forEach((error, place) => {
    if (Number.isNaN(error)) return;
    rows.push([
      nameIn(name, shape, place),
      image.analytic.data[place] ?? NaN,
      image.numeric.data[place] ?? NaN,
      Math.abs(error),
      verdictOf(error),
    ]);
  });
  return rows;
}
