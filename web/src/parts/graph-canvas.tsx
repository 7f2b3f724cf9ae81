// The picture of the graph, and how one moves on it.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { DrawnGraph, Stop } from "./graph-drawn";
import { bestLayout, layoutOf, MOST, namesOn, type Direction, type Layout } from "./graph-layout";
import { BoxMark, FrameMark, FrameTitle, LineMark } from "./graph-marks";
import { isCarrying, largestOf } from "./graph-moments";
import "./graph-picture.css";
import { partsOf, placesOf, walked, type Spot } from "./graph-walking";
import { useZoom, type Zooming } from "./graph-zoom";
import { Problem } from "./problem";
import { useSize } from "./size";

interface CanvasProps {
  readonly drawn: DrawnGraph;
  readonly stop: Stop;
  /** "" where the picture itself may choose. */
  readonly direction: Direction | "";
  readonly lit: ReadonlySet<string>;
  /** Lines that are lit, by their numbers. */
  readonly litLines?: ReadonlySet<number>;
  /** The variable that is looked at. */
  readonly looked: string;
  readonly onLight: (box: string) => void;
  readonly onChoose: (spot: Spot) => void;
  readonly onClose: (group: string) => void;
  readonly children: (zooming: Zooming) => JSX.Element;
}

const UNKNOWN = { width: 0, height: 0 };

export function Canvas(props: CanvasProps): JSX.Element {
  const { drawn, stop, direction } = props;
  const pane = useRef<HTMLDivElement>(null);
  const size = useSize(pane, UNKNOWN);
  const layout = useMemo<Layout | null>(() => {
    if (size.width === 0 || drawn.nodes.length > MOST) return null;
    return direction ? layoutOf(drawn, direction) : bestLayout(drawn, size.width, size.height);
  }, [drawn, direction, size.width, size.height]);
  const zooming = useZoom(layout, size);
  useShown(layout, stop, zooming);
  return (
    <div class="graph-canvas" ref={pane}>
      {layout && <Picture {...props} layout={layout} zooming={zooming} />}
      {drawn.nodes.length > MOST && (
        <Problem text={`${drawn.nodes.length} boxes are too many for a picture: close some groups`} />
      )}
      <div class="graph-zoom">{props.children(zooming)}</div>
    </div>
  );
}

/** Have the box that is computed in sight, then a group that was just opened. */
function useShown(layout: Layout | null, stop: Stop, zooming: Zooming): void {
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    const box = layout?.boxes.find((b) => b.node.key === stop.box);
    if (box) zooming.show(box);
  }, [layout, stop]);
  useEffect(() => {
    if (!layout) return;
    const before = known.current;
    const opened = layout.frames.find((frame) => before && !before.has(frame.group.key));
    if (opened) zooming.show({ x: opened.x, y: opened.y - opened.height / 2 });
    known.current = new Set(layout.frames.map((frame) => frame.group.key));
  }, [layout]);
}

interface PictureProps extends CanvasProps {
  readonly layout: Layout;
  readonly zooming: Zooming;
}

function Picture(props: PictureProps): JSX.Element {
  const { layout, zooming, drawn, stop } = props;
  const walking = useWalking(props);
  const { focused } = walking;
  return (
    <svg
      ref={zooming.svg}
      class="graph-svg"
      data-phase={stop.phase}
      role="group"
      aria-label={`Graph of ${drawn.function}: ${drawn.equations} operations; arrow keys walk on it`}
      onClick={(event) => walking.chosen(event.target)}
      onKeyDown={walking.pressed}
      onFocusIn={(event) => walking.seen(event.target)}
      onFocusOut={() => props.onLight("")}
      onPointerOver={(event) => props.onLight(boxOf(event.target))}
      onPointerLeave={() => props.onLight("")}
    >
      <g ref={zooming.inner}>
        {layout.frames.map((frame) => (
          <FrameMark key={frame.group.key} frame={frame} />
        ))}
        <Lines {...props} focused={focused} />
        {layout.boxes.map((box) => (
          <BoxMark
            key={box.node.key}
            box={box}
            moment={stop.at}
            focused={focused}
            isNow={box.node.key === stop.box}
            isLit={props.lit.has(box.node.key)}
          />
        ))}
        {layout.frames.map((frame) => (
          <FrameTitle key={frame.group.key} frame={frame} focused={focused} />
        ))}
      </g>
    </svg>
  );
}

function Lines(props: PictureProps & { readonly focused: Spot }): JSX.Element {
  const { layout, drawn, stop, focused, looked, litLines } = props;
  const largest = useMemo(() => largestOf(drawn.edges), [drawn]);
  const names = useMemo(() => namesOn(drawn), [drawn]);
  return (
    <>
      {layout.lines.map((line, i) => (
        <LineMark
          key={`${line.edge.start} ${line.edge.end} ${i}`}
          line={line}
          number={i}
          name={names[i] ?? ""}
          moment={stop.at}
          focused={focused}
          direction={layout.direction}
          largest={largest}
          carries={carries(line.edge, stop)}
          isLit={litLines?.has(i) ?? false}
          isLooked={looked !== "" && line.edge.variable === looked}
        />
      ))}
    </>
  );
}

function carries(edge: DrawnGraph["edges"][number], stop: Stop): "" | "forward" | "backward" {
  if (!isCarrying(edge, stop)) return "";
  return stop.phase === "forward" ? "forward" : "backward";
}

interface Walking {
  readonly focused: Spot;
  readonly pressed: (event: KeyboardEvent) => void;
  readonly seen: (target: EventTarget | null) => void;
  readonly chosen: (target: EventTarget | null) => void;
}

/** The spot that has the focus, and `awaited`: what takes it from a box that goes. */
function useFocus(layout: Layout, zooming: Zooming) {
  const places = useMemo(() => placesOf(layout), [layout]);
  const [wanted, setWanted] = useState<Spot>("");
  const first = layout.boxes[0] ? `node ${layout.boxes[0].node.key}` : "";
  const focused = places.has(wanted) ? wanted : first;
  const go = (spot: Spot): void => {
    setWanted(spot);
    focusOn(zooming, spot);
  };
  const awaited = useRef<Spot>("");
  useEffect(() => {
    if (places.has(awaited.current)) go(awaited.current);
    awaited.current = "";
  }, [layout]);
  return { places, focused, setWanted, go, awaited } as const;
}

/** One spot of the picture has the focus; arrow keys move it, Enter chooses, Escape closes. */
function useWalking({ layout, zooming, drawn, ...props }: PictureProps): Walking {
  const { places, focused, setWanted, go, awaited } = useFocus(layout, zooming);
  const choose = (spot: Spot): void => {
    const { kind, key } = partsOf(spot);
    awaited.current = kind === "frame" ? `node ${key}` : `frame ${key}`;
    props.onChoose(spot);
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const spot = spotOf(event.target);
    const to = spot && walked(layout, places, spot, event.key);
    if (to) go(to);
    else if (event.key === "Enter" || event.key === " ") choose(spot);
    else if (event.key === "Escape") closeAround(spot);
    else if (!zoomed(zooming, event.key)) return;
    event.preventDefault();
  };
  const closeAround = (spot: Spot): void => {
    const group = groupAround(drawn, spot);
    if (!group) return;
    awaited.current = `node ${group}`;
    props.onClose(group);
  };
  const seen = (target: EventTarget | null): void => {
    const spot = spotOf(target);
    const place = places.get(spot);
    if (spot) setWanted(spot);
    if (place) zooming.show(place);
    props.onLight(boxOf(target));
  };
  const chosen = (target: EventTarget | null): void => {
    const spot = spotOf(target);
    if (spot) choose(spot);
  };
  return { focused, pressed, seen, chosen };
}

/** The group whose frame a spot is, or is in; "" or nothing if there is none. */
function groupAround(drawn: DrawnGraph, spot: Spot): string | undefined {
  const { kind, key } = partsOf(spot);
  if (kind === "frame") return key;
  return kind === "node" ? drawn.nodes.find((n) => n.key === key)?.group : undefined;
}

function focusOn(zooming: Zooming, spot: Spot): void {
  const all = zooming.svg.current?.querySelectorAll<SVGGElement>("[data-spot]") ?? [];
  const found = [...all].find((element) => element.dataset["spot"] === spot);
  found?.focus({ preventScroll: true });
}

function zoomed(zooming: Zooming, key: string): boolean {
  if (key === "+" || key === "=") zooming.larger();
  else if (key === "-") zooming.smaller();
  else if (key === "f") zooming.fit();
  else return false;
  return true;
}

function spotOf(target: EventTarget | null): Spot {
  const found = target instanceof Element ? target.closest<SVGGElement>("[data-spot]") : null;
  return found?.dataset["spot"] ?? "";
}

/** The box that the pointer is on, "" for none. */
function boxOf(target: EventTarget | null): string {
  const { kind, key } = partsOf(spotOf(target));
  return kind === "node" ? key : "";
}

export function ZoomButtons({ zooming }: { readonly zooming: Zooming }): JSX.Element {
  return (
    <>
      <button type="button" aria-label="smaller" title="smaller, key -" onClick={zooming.smaller}>
        −
      </button>
      <button type="button" aria-label="larger" title="larger, key +" onClick={zooming.larger}>
        +
      </button>
      <button type="button" title="all in sight, key f" onClick={() => zooming.fit()}>
        Fit
      </button>
    </>
  );
}
