// A drawing: levels of grey from 0 to 15, two pixels a byte, in base64, as in the page's address
// (src/chainrule/explorer/examples.py); and a soft round brush that draws it.

export const LEVELS = 15;
const RADIUS = 1.25; // pixels: strokes about as thick as MNIST's
const SOFT = 0.5; // pixels over which the edge fades

export function decodeInk(text: string, pixels: number): Uint8Array {
  const ink = new Uint8Array(pixels);
  let packed: string;
  try {
    packed = atob(text);
  } catch {
    return ink;
  }
  for (let i = 0; i < pixels; i++) {
    const byte = packed.charCodeAt(i >> 1) || 0;
    ink[i] = i % 2 ? byte & 15 : byte >> 4;
  }
  return ink;
}

export function encodeInk(ink: Uint8Array): string {
  let packed = "";
  for (let i = 0; i < ink.length; i += 2) {
    packed += String.fromCharCode(((ink[i] ?? 0) << 4) | (ink[i + 1] ?? 0));
  }
  return btoa(packed);
}

export type Point = readonly [x: number, y: number];

/** The drawing with a stroke from one point to another, in pixels from the upper left corner. */
export function withStroke(ink: Uint8Array, columns: number, from: Point, to: Point): Uint8Array {
  return ink.map((level, i) => {
    const centre: Point = [(i % columns) + 0.5, Math.floor(i / columns) + 0.5];
    const inside = (RADIUS + SOFT - distance(centre, from, to)) / (2 * SOFT);
    return Math.max(level, Math.round(LEVELS * Math.min(1, Math.max(0, inside))));
  });
}

/** How far a point is from the line between two others. */
function distance([x, y]: Point, [x0, y0]: Point, [x1, y1]: Point): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const along = length > 0 ? ((x - x0) * dx + (y - y0) * dy) / length : 0;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - x0 - t * dx, y - y0 - t * dy);
}
