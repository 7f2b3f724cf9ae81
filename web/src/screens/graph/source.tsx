// The lines of the function, each with what it gave so far.
import type { JSX } from "preact";
import type { Stop } from "../../parts/graph-drawn";
import { useRoving } from "../../parts/roving";
import type { Drawn, LineValue, Source, SourceLine } from "./questions";
import { valuesAt } from "./stepping";

interface SourceProps {
  readonly drawn: Drawn;
  readonly stop: Stop;
  /** Lines of the box that is pointed at. */
  readonly lit: ReadonlySet<number>;
  readonly onLight: (line: number) => void;
  readonly onChoose: (line: SourceLine) => void;
}

export function SourcePane({ drawn, stop, lit, onLight, onChoose }: SourceProps): JSX.Element {
  const values = valuesAt(drawn, stop.at);
  const { lines } = drawn.source;
  const isNow = lines.map((line) => stop.box !== "" && line.boxes.includes(stop.box));
  const now = isNow.indexOf(true);
  const buttons = lines.flatMap((line, i) => (line.boxes.length ? [i] : []));
  const roving = useRoving(buttons.length, Math.max(0, buttons.indexOf(now)));
  if (lines.length === 0) return <p class="soft">The source of this function is not at hand.</p>;
  return (
    <ol
      class="graph-source"
      aria-label="Source"
      onKeyDown={roving.onKeyDown}
      onFocusIn={roving.onFocusIn}
      onPointerLeave={() => onLight(-1)}
      onFocusOut={() => onLight(-1)}
    >
      {lines.map((line, i) => (
        <li key={i} class={`${isNow[i] ? `now ${stop.phase}` : ""} ${lit.has(i) ? "lit" : ""}`}>
          <FileName line={line} before={lines[i - 1]} />
          <Line
            line={line}
            tabIndex={roving.tabIndex(buttons.indexOf(i))}
            isNow={isNow[i] ?? false}
            onLight={() => onLight(i)}
            onChoose={() => onChoose(line)}
          />
          {(values.get(i) ?? []).map((value) => (
            <Gave key={value.name} value={value} moment={stop.at} />
          ))}
        </li>
      ))}
    </ol>
  );
}

interface LineProps {
  readonly line: SourceLine;
  readonly tabIndex: 0 | -1;
  readonly isNow: boolean;
  readonly onLight: () => void;
  readonly onChoose: () => void;
}

/** A line that makes a box is a button. */
function Line({ line, tabIndex, isNow, onLight, onChoose }: LineProps): JSX.Element {
  if (line.boxes.length === 0) {
    return (
      <span class="line">
        <Text line={line} />
      </span>
    );
  }
  return (
    <button
      type="button"
      tabIndex={tabIndex}
      aria-current={isNow ? "step" : undefined}
      onPointerEnter={onLight}
      onFocus={onLight}
      onClick={onChoose}
    >
      <Text line={line} />
    </button>
  );
}

/** The name of the file, where another one begins. */
function FileName({ line, before }: { line: SourceLine; before?: SourceLine | undefined }): JSX.Element | null {
  if (before?.file === line.file) return null;
  return <span class="file soft">{line.file}</span>;
}

function Text({ line }: { readonly line: SourceLine }): JSX.Element {
  return (
    <>
      <span class="number">{line.number}</span>
      <code>{line.text || " "}</code>
    </>
  );
}

/** "c = 3", and from when it is complete on "c̄ = 2". */
function Gave({ value, moment }: { readonly value: LineValue; readonly moment: number }): JSX.Element {
  const hasGradient = value.gradient !== "" && value.back > 0 && moment >= value.back;
  return (
    <span class="gave">
      <span class="value">{`${value.name} = ${value.value}`}</span>
      {hasGradient && <span class="gradient">{`${value.bar} = ${value.gradient}`}</span>}
    </span>
  );
}

interface BrokenProps {
  readonly source: Source;
  readonly line: number;
}

/** The lines of a function that failed, and where it did. */
export function BrokenSource({ source, line }: BrokenProps): JSX.Element {
  return (
    <ol class="graph-source" aria-label="Source">
      {source.lines.map((each, i) => (
        <li key={i} class={i === line ? "now failed" : ""}>
          <FileName line={each} before={source.lines[i - 1]} />
          <span class="line">
            <Text line={each} />
          </span>
          {i === line && <span class="gave">here it went wrong</span>}
        </li>
      ))}
    </ol>
  );
}
