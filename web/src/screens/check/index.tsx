// Screen 8: a gradient against difference quotients, and what a mistake in it looks like.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useLive } from "../../engine/answers";
import type { Answer } from "../../engine/answers";
import { count, short } from "../../format";
import { Pending, Problem } from "../../parts/problem";
import { useScrubber } from "../../parts/scrubber";
import { useSize } from "../../parts/size";
import type { Screen } from "../screen";
import { useCheck, useCompared, useCurve, type CheckState, type Compared } from "./answers";
import "./check.css";
import { CodeView } from "./code";
import { Controls } from "./controls";
import { Histogram } from "./histogram";
import { Images } from "./images";
import { Inspector } from "./inspector";
import { Curve } from "./v-curve";
import { FunctionCheck } from "./ways";

function Main(): JSX.Element {
  const state = useCheck();
  const answer = useCompared(state);
  const isNetwork = state.subject === "network";
  useScrubber({ step: isNetwork, example: isNetwork }, [isNetwork]);
  return (
    <div class="check">
      <Controls state={state} answer={answer} />
      {state.function === null ? (
        <NetworkCheck state={state} answer={answer} />
      ) : (
        <FunctionCheck name={state.function} />
      )}
    </div>
  );
}

interface NetworkProps {
  readonly state: CheckState;
  readonly answer: Answer<Compared>;
}

function NetworkCheck({ state, answer }: NetworkProps): JSX.Element {
  const live = useLive();
  const curve = useCurve(state).value;
  const place = useRef<HTMLDivElement>(null);
  const { width } = useSize(place, { width: 600, height: 0 });
  const found = answer.error === undefined ? answer.value : undefined;
  return (
    <div ref={place}>
      {answer.error !== undefined ? (
        <Problem text={answer.error} />
      ) : found ? (
        <Verdict
          compared={found}
          planted={state.mistake !== "" && state.mistake !== "none"}
          waiting={answer.waiting}
        />
      ) : (
        <Pending of={answer} />
      )}
      {found && (
        <Images
          compared={found}
          parameter={state.parameter || (curve?.parameter ?? "")}
          width={width}
          choose={live ? state.setParameter : null}
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
  /** Whether there is a mistake in the program. */
  readonly planted: boolean;
  readonly waiting: boolean;
}

function Verdict({ compared, planted, waiting }: VerdictProps): JSX.Element {
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
      {planted && wrong === 0 && (
        <p>
          With this network and these examples the marked line computes the same as the right one.
        </p>
      )}
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
