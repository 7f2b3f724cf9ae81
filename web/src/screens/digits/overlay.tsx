// The digit that is looked at, large, with dC/dx over it, and the numbers of one pixel.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { short, signed } from "../../format";
import { useNumber, useText } from "../../place";
import { inkColours, largest, signedColours } from "../../parts/colours";
import { Segments } from "../../parts/segments";
import { TextForm } from "../../parts/text-form";
import { useDark } from "../../parts/theme";
import type { Digit } from "./questions";
import { target } from "../../parts/roving";

const INSIDE = 8; // canvas pixels for each pixel of the digit
const FAINT = 2.2; // signs that are smaller stay out

export type Layers = "both" | "digit" | "derivative";

interface OverlayProps {
  readonly digit: Digit;
  readonly image: readonly [number, number];
  readonly brightest: number;
}

export function Overlay({ digit, image, brightest }: OverlayProps): JSX.Element {
  const [rows, columns] = image;
  const [layers, setLayers] = useText("overlay", "both");
  const [pixel] = useNumber("pixel", -1);
  const [hovered, setHovered] = useState(-1);
  const shown = hovered >= 0 ? hovered : Math.min(pixel, rows * columns - 1);
  return (
    <figure class="digits-overlay">
      <Segments
        label="What is drawn"
        options={[["both", "Both"], ["digit", "Digit"], ["derivative", "∂C/∂x"]]}
        value={layers}
        onChange={setLayers}
      />
      <div class="digits-beside">
        <Paper image={image} shown={shown} onHover={setHovered}>
          <Drawn digit={digit} image={image} brightest={brightest} layers={layers as Layers} />
        </Paper>
        <div>
          <p class="digits-readout" role="status">
            {shown < 0 ? (
              <span class="soft">Point at a pixel for its numbers.</span>
            ) : (
              <PixelNumbers digit={digit} pixel={shown} columns={columns} />
            )}
          </p>
          <p class="soft">
            <b class="digits-plus">+</b> more ink here raises the cost,{" "}
            <b class="digits-minus">−</b> lowers it; larger is stronger.
          </p>
        </div>
      </div>
    </figure>
  );
}

/** The pixels as text. */
export function OverlayText({ digit, image: [, columns] }: Omit<OverlayProps, "brightest">) {
  return (
    <TextForm
      title="x and ∂C/∂x of each pixel"
      head={["row, column", "x", "∂C/∂x"]}
      rows={() =>
        Array.from(digit.x.data, (x, i) => [
          `${Math.floor(i / columns)}, ${i % columns}`, x, digit.slope.at(i),
        ])
      }
    />
  );
}

interface PaperProps {
  readonly image: readonly [number, number];
  /** The pixel whose numbers are shown, -1 for none. */
  readonly shown: number;
  readonly onHover: (pixel: number) => void;
  readonly children: ComponentChildren;
}

/** Where a pixel is pointed at, or found with the arrow keys. */
function Paper({ image, shown, onHover, children }: PaperProps): JSX.Element {
  const [rows, columns] = image;
  const [pixel, setPixel] = useNumber("pixel", -1);
  const under = (event: MouseEvent): number => pixelUnder(event, image);
  const pressed = (event: KeyboardEvent): void => {
    const to = target(event.key, Math.max(0, pixel), rows * columns, columns);
    if (to === null) return;
    event.preventDefault();
    onHover(-1);
    setPixel(pixel < 0 ? Math.floor((rows * columns + columns) / 2) : to);
  };
  return (
    <div
      class="digits-large"
      role="application"
      tabIndex={0}
      aria-label="Pixels of the example: arrow keys go from one to the next"
      style={{ aspectRatio: `${columns} / ${rows}` }}
      onKeyDown={pressed}
      onMouseMove={(event) => onHover(under(event))}
      onMouseLeave={() => onHover(-1)}
      onClick={(event) => setPixel(under(event))}
    >
      {children}
      {shown >= 0 && (
        <span
          class="digits-cursor"
          style={{
            left: `${(100 * (shown % columns)) / columns}%`,
            top: `${(100 * Math.floor(shown / columns)) / rows}%`,
            width: `${100 / columns}%`,
            height: `${100 / rows}%`,
          }}
        />
      )}
    </div>
  );
}

/** The pixel of an image that an element is, at the place of the pointer. */
function pixelUnder(event: MouseEvent, [rows, columns]: readonly [number, number]): number {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const across = Math.floor((columns * (event.clientX - box.left)) / box.width);
  const down = Math.floor((rows * (event.clientY - box.top)) / box.height);
  const column = Math.min(columns - 1, Math.max(0, across));
  return Math.min(rows - 1, Math.max(0, down)) * columns + column;
}

interface PixelProps {
  readonly digit: Digit;
  readonly pixel: number;
  readonly columns: number;
}

function PixelNumbers({ digit, pixel, columns }: PixelProps): JSX.Element {
  return (
    <>
      row {Math.floor(pixel / columns)}, column {pixel % columns}:{" "}
      <span class="value">x = {short(digit.x.at(pixel))}</span>,{" "}
      <span class="gradient">∂C/∂x = {signed(digit.slope.at(pixel))}</span>
    </>
  );
}

interface DrawnProps extends OverlayProps {
  readonly layers: Layers;
}

function Drawn({ digit, image, brightest, layers }: DrawnProps): JSX.Element {
  const [rows, columns] = image;
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = useDark();
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const { x, slope } = digit;
    // Under the signs the ink is thinner, so that both can be seen.
    const ink = inkColours(dark, layers === "both" ? 1.9 * brightest : brightest);
    const most = largest(slope.data);
    const colour = signedColours(dark, most);
    for (let i = 0; i < rows * columns; i++) {
      const [left, top] = [(i % columns) * INSIDE, Math.floor(i / columns) * INSIDE];
      const d = slope.at(i);
      context.fillStyle = layers === "derivative" ? colour(d) : ink(x.at(i));
      context.fillRect(left, top, INSIDE, INSIDE);
      if (layers !== "digit" && most > 0) {
        drawSign(context, left, top, d / most, layers === "both" ? strong(colour, d, most) : null);
      }
    }
  }, [digit, image, brightest, layers, dark]);
  return (
    <canvas
      ref={canvas}
      class="pixels"
      aria-hidden="true"
      width={columns * INSIDE}
      height={rows * INSIDE}
    />
  );
}

/** A colour that stands out from the paper also where the derivative is small. */
function strong(colour: (x: number) => string, d: number, most: number): string {
  return colour(Math.sign(d) * Math.max(Math.abs(d), 0.6 * most));
}

/** Plus or minus, so that no colour is needed; its size goes with the magnitude, up to 1. */
function drawSign(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  share: number,
  colour: string | null,
): void {
  const size = INSIDE * Math.sqrt(Math.abs(share));
  if (colour === null || size < FAINT) return;
  const thick = Math.max(1, Math.round(size / 3));
  const [x, y] = [left + INSIDE / 2, top + INSIDE / 2];
  context.fillStyle = colour;
  context.fillRect(x - size / 2, y - thick / 2, size, thick);
  if (share > 0) context.fillRect(x - thick / 2, y - size / 2, thick, size);
}
