// Screen 8: a gradient against difference quotients, and what a mistake in it looks like.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { count, short } from "../../format";
import { Pending, Problem } from "../../parts/problem";
import { useScrubber } from "../../parts/scrubber";
import { useSize } from "../../parts/size";
import type { Screen } from "../screen";
import { useCheck, useCompared, useCurve, type Compared } from "./answers";
import "./check.css";
import { CodeView } from "./code";
import { Controls } from "./controls";
import { Histogram } from "./histogram";
import { Images } from "./images";
import { Inspector } from "./inspector";
import { Curve } from "./v-curve";

function Main(): JSX.Element {
  const state = useCheck();
  const answer = useCompared(state);
  const curve = useCurve(state).value;
  const place = useRef<HTMLDivElement>(null);
  const { width } = useSize(place, { width: 600, height: 0 });
  const isNetwork = state.subject === "network";
  useScrubber({ step: isNetwork, example: isNetwork }, [isNetwork]);
  const found = answer.error === undefined ? answer.value : undefined;
  return (
    <div class="check" ref={place}>
      <Controls state={state} answer={answer} />
      {answer.error !== undefined ? (
        <Problem text={answer.error} />
      ) : found ? (
        <Verdict compared={found} waiting={answer.waiting} />
      ) : (
        <Pending of={answer} />
      )}
      {found && (
        <Images
          compared={found}
          parameter={curve?.parameter ?? state.parameter}
          width={width}
          choose={state.setParameter}
        />
      )}
      <CodeView state={state} />
      {found && (
        <>
          <Histogram counts={found.histogram} width={width} />
          <Curve state={state} />
        </>
      )}
    </div>
  );
}

interface VerdictProps {
  readonly compared: Compared;
  readonly waiting: boolean;
}

function Verdict({ compared, waiting }: VerdictProps): JSX.Element {
  const { wrong, checked, parameters, symptom, step } = compared;
  const of = checked === parameters ? "" : ` of ${count(parameters)}`;
  const head = wrong
    ? `✗ ${count(wrong)} of ${count(checked)} derivatives are wrong`
    : `✓ all ${count(checked)}${of} derivatives agree`;
  return (
    <div class={`check-verdict ${wrong ? "wrong" : "right"}`} role="status" aria-busy={waiting}>
      <p>
        <b>{head}</b>, held against central differences (step {short(step)} and twice that).
      </p>
      <p>{symptom}</p>
    </div>
  );
}

export const check: Screen = {
  id: "check",
  title: "Check",
  todo: "Plant a mistake in the gradient and see which derivatives it spoils.",
  see: "Each cell is a parameter; every mistake has its pattern.",
  Main,
  Inspector,
};
