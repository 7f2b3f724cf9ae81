// Arrow keys on the graph: from a box along a line to the box at its other end. No drawing.
import type { Frame, Layout, Point } from "./graph-layout";

/** What can have the focus: a box ("node c"), a line ("edge 3"), or an open group ("frame g0"). */
export type Spot = string;

export interface SpotParts {
  readonly kind: string;
  /** The key of a box or a group, the number of a line. */
  readonly key: string;
}

export function partsOf(spot: Spot): SpotParts {
  const [kind = "", ...key] = spot.split(" ");
  return { kind, key: key.join(" ") };
}

const WAYS: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Where each spot is. */
export function placesOf(layout: Layout): ReadonlyMap<Spot, Point> {
  return new Map<Spot, Point>([
    ...layout.boxes.map((box): [Spot, Point] => [`node ${box.node.key}`, box]),
    ...layout.lines.map((line, i): [Spot, Point] => [`edge ${i}`, line.label]),
    ...layout.frames.map((frame): [Spot, Point] => [`frame ${frame.group.key}`, cornerOf(frame)]),
  ]);
}

/** Where the title of an open group stands. */
export function cornerOf(frame: Frame): Point {
  return { x: frame.x - frame.width / 2, y: frame.y - frame.height / 2 };
}

/** Where an arrow key leads from a spot; the spot itself if there is nothing that way. */
export function walked(
  layout: Layout,
  places: ReadonlyMap<Spot, Point>,
  spot: Spot,
  key: string,
): Spot | null {
  const way = WAYS[key];
  const from = places.get(spot);
  if (!way || !from) return null;
  const along = nearest(places, from, way, neighbours(layout, spot));
  return along ?? nearest(places, from, way, [...places.keys()]) ?? spot;
}

/** The lines at a box, or the boxes at the ends of a line. */
function neighbours(layout: Layout, spot: Spot): readonly Spot[] {
  const { kind, key } = partsOf(spot);
  if (kind === "edge") {
    const edge = layout.lines[Number(key)]?.edge;
    return edge ? [`node ${edge.start}`, `node ${edge.end}`] : [];
  }
  return layout.lines.flatMap(({ edge }, i) =>
    edge.start === key || edge.end === key ? [`edge ${i}`] : [],
  );
}

/** The spot that lies most in a direction: near, and not far to the side. */
function nearest(
  places: ReadonlyMap<Spot, Point>,
  from: Point,
  way: Point,
  spots: readonly Spot[],
): Spot | null {
  let best: Spot | null = null;
  let least = Infinity;
  for (const spot of spots) {
    const to = places.get(spot);
    if (!to) continue;
    const ahead = (to.x - from.x) * way.x + (to.y - from.y) * way.y;
    const aside = Math.abs((to.x - from.x) * way.y) + Math.abs((to.y - from.y) * way.x);
    if (ahead < 1) continue;
    const cost = ahead + 2 * aside;
    if (cost < least) [best, least] = [spot, cost];
  }
  return best;
}
