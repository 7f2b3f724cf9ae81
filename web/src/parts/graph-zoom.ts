// Moving and zooming the picture: with the mouse, with buttons, and to what must be seen.
import { select } from "d3-selection";
import { zoom, zoomIdentity, type ZoomBehavior } from "d3-zoom";
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Layout, Point } from "./graph-layout";
import type { Room } from "./size";

const LEAST = 0.04;
const MOST = 4;
/** Below this scale numbers cannot be read: a picture that opens is no smaller. */
const READABLE = 0.8;
/** If all of it is in sight at this scale, it is shown whole for all that. */
const WHOLE = 0.62;
/** A small graph is not blown up beyond this. */
const LARGE = 1.5;
const STEP = 1.35;

type Behaviour = ZoomBehavior<SVGSVGElement, unknown>;

export interface Zooming {
  readonly svg: RefObject<SVGSVGElement | null>;
  readonly inner: RefObject<SVGGElement | null>;
  /** All of it in sight, however small; a picture that opens stays `readable`. */
  fit(readable?: boolean): void;
  by(factor: number): void;
  larger(): void;
  smaller(): void;
  /** Move so that a place of the picture is in sight. */
  show(place: Point): void;
}

export function useZoom(layout: Layout | null, size: Room): Zooming {
  const svg = useRef<SVGSVGElement | null>(null);
  const inner = useRef<SVGGElement | null>(null);
  const behaviour = useRef<Behaviour | null>(null);
  const state = useRef({ layout, size });
  state.current = { layout, size };
  useEffect(() => {
    const element = svg.current;
    if (!element) return;
    const made = zoom<SVGSVGElement, unknown>()
      .scaleExtent([LEAST, MOST])
      .on("zoom", (event: { transform: { toString(): string } }) =>
        inner.current?.setAttribute("transform", String(event.transform)),
      );
    behaviour.current = made;
    select(element).call(made).on("dblclick.zoom", null);
    return () => {
      select(element).on(".zoom", null);
    };
  }, [layout === null]);

  const zooming = useMemo(() => zoomingOf({ svg, inner, behaviour, state }), []);
  useEffect(() => zooming.fit(true), [layout, size.width, size.height]);
  return zooming;
}

interface Picture {
  readonly svg: RefObject<SVGSVGElement | null>;
  readonly inner: RefObject<SVGGElement | null>;
  readonly behaviour: { readonly current: Behaviour | null };
  /** As it is when something is done: a picture can be drawn anew meanwhile. */
  readonly state: { readonly current: { readonly layout: Layout | null; readonly size: Room } };
}

function zoomingOf({ svg, inner, behaviour, state }: Picture): Zooming {
  const act = (what: (made: Behaviour, element: SVGSVGElement) => void): void => {
    if (behaviour.current && svg.current) what(behaviour.current, svg.current);
  };
  const by = (factor: number): void =>
    act((made, element) => made.scaleBy(select(element), factor));
  return {
    svg,
    inner,
    fit: (readable = false) =>
      act((made, element) => {
        const { layout, size } = state.current;
        if (!layout || size.width === 0) return;
        const scale = scaleOf(layout, size, readable ? READABLE : LEAST);
        const x = size.width / 2 - (scale * layout.width) / 2;
        const y = size.height / 2 - (scale * layout.height) / 2;
        const to = zoomIdentity.translate(Math.max(0, x), Math.max(0, y)).scale(scale);
        made.transform(select(element), to);
      }),
    by,
    larger: () => by(STEP),
    smaller: () => by(1 / STEP),
    show: (place) =>
      act((made, element) => {
        const { layout, size } = state.current;
        const at = transformOf(inner.current?.getAttribute("transform") ?? "");
        if (!layout || isInSight(place, at, layout, size)) return;
        made.translateTo(select(element), place.x, place.y);
      }),
  };
}

/** The scale at which all is in sight; where that would be small, no less than `least`. */
export function scaleOf(layout: Room, room: Room, least: number): number {
  const all = Math.min(room.width / layout.width, room.height / layout.height);
  return all >= WHOLE ? Math.min(LARGE, all) : Math.max(least, all);
}

interface Transform {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

/** Whether a place can be seen with what is around it: not at the rim, or all of the picture. */
export function isInSight(place: Point, { x, y, k }: Transform, all: Room, room: Room): boolean {
  const [right, bottom] = [x + k * all.width, y + k * all.height];
  const isWhole = x > -1 && y > -1 && right < room.width + 1 && bottom < room.height + 1;
  const at = { x: x + k * place.x, y: y + k * place.y };
  return isWhole ||
    (at.x > 40 && at.x < room.width - 40 && at.y > 30 && at.y < room.height - 30);
}

/** What "translate(3,4) scale(2)" says. */
export function transformOf(text: string): Transform {
  const [x = 0, y = 0, k = 1] = (text.match(/-?[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
  return { x, y, k };
}
