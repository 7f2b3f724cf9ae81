import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { NETWORK } from "../../moment";
import { Canvas, ZoomButtons } from "../../parts/graph-canvas";
import { gradientOn, valueOn } from "../../parts/graph-moments";
import { partsOf, type Spot } from "../../parts/graph-walking";
import { Pending, Problem } from "../../parts/problem";
import { usePosition, useScrubber } from "../../parts/scrubber";
import { TextForm } from "../../parts/text-form";
import { useText } from "../../place";
import type { Screen } from "../screen";
import { Controls, FunctionChoice, useDirection } from "./controls";
import "./graph.css";
import { Inspector } from "./inspector";
import { usePicture, type Broken, type Drawn } from "./questions";
import { BrokenSource, SourcePane } from "./source";
import { linesOf, positionOfBox } from "./stepping";
import { useToggle } from "./toggling";

function Main(): JSX.Element {
  const picture = usePicture();
  const { value } = picture;
  const [name] = useText("function");
  const isNetwork = name === NETWORK;
  const drawn = value && value.problem === "" ? (value as Drawn) : null;
  useScrubber(
    {
      step: isNetwork,
      example: isNetwork,
      ...(drawn && {
        sweep: { count: drawn.stops.length, label: (at: number) => drawn.stops[at]?.label ?? "" },
      }),
    },
    [drawn, isNetwork],
  );
  return (
    <div class="graph-screen">
      <div class="graph-bar">
        <FunctionChoice />
        {drawn && <Controls drawn={drawn} />}
      </div>
      {picture.error !== undefined && <Problem text={picture.error} />}
      {!value && picture.error === undefined && <Pending of={picture} />}
      {value && !drawn && <Failed broken={value as Broken} />}
      {drawn && <Both drawn={drawn} />}
    </div>
  );
}

/** A function that cannot be traced: what went wrong, and its lines. */
function Failed({ broken }: { readonly broken: Broken }): JSX.Element {
  const [inputs, setInputs] = useText("inputs");
  return (
    <div class="graph-failed">
      <Problem text={broken.problem} />
      {inputs !== "" && (
        <button type="button" onClick={() => setInputs("")}>
          Arguments as they were
        </button>
      )}
      <BrokenSource source={broken.source} line={broken.line} />
    </div>
  );
}

/** Source beside graph. */
function Both({ drawn }: { readonly drawn: Drawn }): JSX.Element {
  const { stops } = drawn;
  const [at, setAt] = usePosition(stops.length);
  const [direction] = useDirection();
  const [looked] = useText("look");
  const toggle = useToggle(drawn, at, setAt);
  const { toBox, choose } = useChoosing(drawn, at, setAt, toggle);
  const { lines, boxes, setLightBox, setLightLine } = useLight(drawn);
  const stop = stops[at] as Drawn["stops"][number];
  return (
    <div class="graph-both">
      <div class="graph-left">
        <SourcePane
          drawn={drawn}
          stop={stop}
          lit={lines}
          onLight={setLightLine}
          onChoose={(line) => toBox(line.boxes[0] ?? "")}
        />
        <Legend drawn={drawn} moment={stop.at} />
      </div>
      <Canvas
        drawn={drawn}
        stop={stop}
        direction={direction}
        lit={boxes}
        looked={looked}
        onLight={setLightBox}
        onChoose={choose}
        onClose={(group) => toggle(group, false)}
      >
        {(zooming) => <ZoomButtons zooming={zooming} />}
      </Canvas>
    </div>
  );
}

/** To the position at which a box is computed; what a click chooses: a group opens or closes. */
function useChoosing(
  drawn: Drawn,
  at: number,
  setAt: (position: number) => void,
  toggle: (group: string, open: boolean) => void,
) {
  const [, setLooked] = useText("look");
  const toBox = (box: string): void => {
    const found = positionOfBox(drawn.stops, box, at);
    if (found >= 0) setAt(found);
  };
  const choose = (spot: Spot): void => {
    const { kind, key } = partsOf(spot);
    if (kind === "frame") return toggle(key, false);
    if (isGroup(drawn, spot)) return toggle(key, true);
    setLooked(variableOf(drawn, spot));
    if (kind === "node") toBox(key);
  };
  return { toBox, choose } as const;
}

/** What is pointed at, a box or a line of the source, and what lights up for it on either side. */
function useLight(drawn: Drawn) {
  const [lightBox, setLightBox] = useState("");
  const [lightLine, setLightLine] = useState(-1);
  const lines = useMemo(() => new Set(linesOf(drawn, lightBox)), [drawn, lightBox]);
  const boxes = useMemo(
    () => new Set(drawn.source.lines[lightLine]?.boxes ?? (lightBox ? [lightBox] : [])),
    [drawn, lightLine, lightBox],
  );
  return { lines, boxes, setLightBox, setLightLine } as const;
}

function isGroup(drawn: Drawn, spot: Spot): boolean {
  const { kind, key } = partsOf(spot);
  return kind === "node" && drawn.nodes.find((node) => node.key === key)?.kind === "group";
}

/** The variable on a line, or the one that a box makes; "" if there is none. */
function variableOf({ edges }: Drawn, spot: Spot): string {
  const { kind, key } = partsOf(spot);
  const edge = kind === "edge" ? edges[Number(key)] : edges.find(({ start }) => start === key);
  return edge?.variable ?? "";
}

/** How to read the picture, and all of its numbers as text. */
function Legend({ drawn, moment }: { readonly drawn: Drawn; readonly moment: number }): JSX.Element {
  const label = new Map(drawn.nodes.map((node) => [node.key, node.label.replaceAll("\n", " ")]));
  return (
    <div class="graph-legend">
      <p>
        On each line: its <span class="value">value</span>, and below{" "}
        <span class="gradient">∂{drawn.of.text}/∂(line)</span>. The larger that is, the wider the
        line; dotted where it is 0. A bar over a name, as in x̄, is ∂{drawn.of.text}/∂x.
      </p>
      <TextForm
        title="the lines of the graph"
        head={["from", "to", "variable", "value", "derivative"]}
        rows={() =>
          drawn.edges.map((edge) => [
            label.get(edge.start) ?? edge.start,
            label.get(edge.end) ?? edge.end,
            edge.variable,
            valueOn(edge, moment),
            gradientOn(edge, moment),
          ])
        }
      />
    </div>
  );
}

export const graph: Screen = {
  id: "graph",
  title: "Graph",
  todo: "Step forward and back with the buttons below, and change the arguments at the right.",
  see: "Values appear one box at a time; then derivatives come back the other way.",
  Main,
  Inspector,
};
