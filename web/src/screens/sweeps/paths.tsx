// A derivative as the sum over all paths, each a product of local derivatives.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { useLive } from "../../engine/answers";
import { short } from "../../format";
import { NETWORK } from "../../moment";
import { Canvas, ZoomButtons } from "../../parts/graph-canvas";
import type { DrawnGraph, Stop } from "../../parts/graph-drawn";
import { useOwnId } from "../../parts/own-id";
import { Pending } from "../../parts/problem";
import { useScrubber } from "../../parts/scrubber";
import { Slider } from "../../parts/slider";
import { TextForm } from "../../parts/text-form";
import { useNumber, useText } from "../../place";
import { EntryChoice, Refused, rungsOf, useChooseFunction } from "./choosing";
import { alongPath, boxesOf, edgesOf, nextThrough } from "./drawn";
import { factorsText, namesText } from "./formulas";
import { usePaths, type Path, type Paths } from "./questions";

const MOST_RUNGS = 40;
const NOWHERE: Stop = { at: 1, phase: "given", box: "", count: 0, equation: -1, label: "" };

export function PathsView(): JSX.Element {
  const [name] = useText("function");
  const isNetwork = name === NETWORK;
  useScrubber({ step: isNetwork, example: isNetwork }, [isNetwork]);
  const answer = usePaths();
  const { value } = answer;
  return (
    <div class="paths-view">
      <Ladder name={name} />
      {answer.error !== undefined && <Refused text={answer.error} />}
      {answer.error === undefined && !value && <Pending of={answer} />}
      {answer.error === undefined && value && <AllPaths paths={value} />}
    </div>
  );
}

/** Of a ladder, how many rungs it has: each doubles the paths. */
function Ladder({ name }: { readonly name: string }): JSX.Element | null {
  const choose = useChooseFunction();
  const live = useLive();
  const rungs = rungsOf(name);
  if (rungs === 0) return null;
  return (
    <Slider
      label="rungs"
      value={rungs}
      min={1}
      max={MOST_RUNGS}
      step={1}
      disabled={!live}
      text={`${rungs}: 2 to the power of ${rungs} paths`}
      onChange={(n) => choose(`@ladder${n}`)}
    />
  );
}

function AllPaths({ paths }: { readonly paths: Paths }): JSX.Element {
  const { variables } = paths;
  const [, setFrom] = useNumber("path-from", -1);
  const [, setTo] = useNumber("path-to", -1);
  const [chosen, choose] = useNumber("path", 0);
  const [pointed, point] = useState<number | null>(null);
  const path = paths.paths[pointed ?? chosen] ?? paths.paths[0];
  return (
    <>
      <p class="from-to">
        All paths
        <EntryChoice label="from" among={variables} value={paths.start} onChange={setFrom} />
        <EntryChoice label="to" among={variables} value={paths.end} onChange={setTo} />
      </p>
      <PathPicture paths={paths} path={path} chosen={chosen} onChoose={choose} />
      {paths.paths.length > 0 ? (
        <PathList paths={paths} chosen={chosen} onChoose={choose} onPoint={point} />
      ) : (
        <p>
          No path leads from {paths.from} to {paths.to}: ∂{paths.to}/∂{paths.from} = 0.
        </p>
      )}
    </>
  );
}

interface PictureProps {
  readonly paths: Paths;
  readonly path: Path | undefined;
  readonly chosen: number;
  readonly onChoose: (path: number) => void;
}

function PathPicture({ paths, path, chosen, onChoose }: PictureProps): JSX.Element {
  const drawn = useMemo(() => drawnOf(paths), [paths]);
  const along = useMemo(() => alongPath(drawn.edges, path), [drawn, path]);
  return (
    <Canvas
      drawn={drawn}
      stop={NOWHERE}
      direction=""
      lit={along.boxes}
      litLines={along.lines}
      looked=""
      onLight={() => undefined}
      onChoose={(spot) => onChoose(nextThrough(paths, drawn.edges, spot, chosen))}
      onClose={() => undefined}
    >
      {(zooming) => <ZoomButtons zooming={zooming} />}
    </Canvas>
  );
}

function drawnOf(paths: Paths): DrawnGraph {
  return {
    function: `${paths.function}, paths`,
    nodes: boxesOf(paths).map((node) => ({ ...node, at: [0, 0], back: [], sums: [] })),
    edges: edgesOf(paths),
    groups: paths.groups,
    equations: paths.nodes.filter(({ kind }) => kind === "operation").length,
  };
}

interface ListProps {
  readonly paths: Paths;
  readonly chosen: number;
  readonly onChoose: (path: number) => void;
  readonly onPoint: (path: number | null) => void;
}

/** The paths to choose from: the one that is chosen, or pointed at, is lit in the graph. */
function PathList({ paths, chosen, onChoose, onPoint }: ListProps): JSX.Element {
  const group = useOwnId();
  return (
    <fieldset class="path-list" onPointerLeave={() => onPoint(null)}>
      <legend>
        {paths.count.text} {paths.count.text === "1" ? "path" : "paths"}
        {paths.left_out.text !== "0" && `, the largest ${paths.paths.length}`}
      </legend>
      {paths.paths.map((path, i) => (
        <label key={path.names.join(" ")} onPointerEnter={() => onPoint(i)}>
          <input
            type="radio"
            name={group}
            checked={i === chosen}
            onChange={() => {
              onPoint(null);
              onChoose(i);
            }}
          />
          <PathTexts path={path} />
        </label>
      ))}
      <Total paths={paths} />
      <TextForm
        title="all paths that are listed"
        head={["path", "local derivatives", "product"]}
        rows={() =>
          paths.paths.map(({ names, factors, product }) => [
            names.join(" → "),
            factors.map((x) => short(x)).join(" · "),
            product,
          ])
        }
      />
    </fieldset>
  );
}

function PathTexts({ path }: { readonly path: Paths["paths"][number] }): JSX.Element {
  return (
    <span class="texts">
      <span class="way">{namesText(path.names)}</span>
      <span class="product">
        {factorsText(path.factors)} = <strong>{short(path.product)}</strong>
      </span>
    </span>
  );
}

/** The paths that are not listed, and the sum of all. */
function Total({ paths }: { readonly paths: Paths }): JSX.Element {
  return (
    <p class="total">
      {paths.left_out.text !== "0" && (
        <>
          and {paths.left_out.short} other paths, together {short(paths.rest)};{" "}
        </>
      )}
      the sum is ∂{paths.to}/∂{paths.from} ={" "}
      <strong class="gradient">{short(paths.gradient)}</strong>
    </p>
  );
}
