// How many sweeps there were, which derivatives they found, and how long that takes.
import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { useLive } from "../../engine/answers";
import { count, counted, short } from "../../format";
import { PageContext } from "../../page";
import { Pending } from "../../parts/problem";
import { usePosition } from "../../parts/scrubber";
import { Table, type Cell } from "../../parts/table";
import type { Side } from "./drawn";
import { entryText, foundForward, foundReverse, nextOf, type Found } from "./known";
import { useLockstep, useRun, useTimes, type Lockstep } from "./questions";
import { useStart } from "./side";
import { TimesTable } from "./times-table";

const MOST = 6; // inputs and outputs of which the derivatives stand in the table

export function Counts(): JSX.Element {
  const answer = useLockstep();
  const { value } = answer;
  if (!value || answer.error !== undefined) return <Pending of={answer} />;
  return (
    <>
      <Swept answer={value} side="forward" />
      <Swept answer={value} side="reverse" />
      <OfThisFunction />
    </>
  );
}

interface SweptProps {
  readonly answer: Lockstep;
  readonly side: Side;
}

function Swept({ answer, side }: SweptProps): JSX.Element {
  const [position] = usePosition(answer.forward.length);
  const live = useLive();
  const { done, go, restart } = useStart(answer, side);
  const isForward = side === "forward";
  const found = (isForward ? foundForward : foundReverse)(answer, done, position);
  const all = isForward ? answer.n : answer.m;
  const now = isForward ? answer.start : answer.end;
  const next = nextOf(new Set([...done, now]), all);
  return (
    <section class="sweep-count" data-side={side}>
      <h2>{isForward ? "Forward: a sweep for each input" : "Reverse: a sweep for each output"}</h2>
      <p class="so-far" role="status">
        {isForward ? "Forward" : "Reverse"} sweeps so far:{" "}
        <strong>
          {count(found.sweeps)} of {count(found.of)}
        </strong>
        ; derivatives known:{" "}
        <strong>
          {count(found.known)} of {count(found.all)}
        </strong>
      </p>
      <Derivatives answer={answer} found={found} side={side} />
      {all > 1 && (
        <p class="buttons">
          <button
            type="button"
            disabled={next === null || !live}
            onClick={() => next !== null && go(next)}
          >
            {isForward ? "Sweep from the next input" : "Sweep from the next output"}
          </button>{" "}
          <button type="button" class="quiet" disabled={done.size === 0} onClick={restart}>
            Start over
          </button>
        </p>
      )}
    </section>
  );
}

interface DerivativesProps extends SweptProps {
  readonly found: Found;
}

/** The derivatives of outputs, a row each, in inputs: a dot where none is known yet. */
function Derivatives({ answer, found, side }: DerivativesProps): JSX.Element | null {
  const { jacobian, n, m, inputs, outputs } = answer;
  if (!jacobian) return null;
  const columns = Array.from({ length: Math.min(n, MOST) }, (_, i) => i);
  const rows = Array.from({ length: Math.min(m, MOST) }, (_, j) => j);
  const cell = (j: number, i: number): Cell =>
    found.knows(j, i) ? (
      <span class={`num ${side === "forward" ? "tangent" : "gradient"}`}>
        {short(jacobian.at(j, i))}
      </span>
    ) : (
      <span class="soft" title="not known yet">
        ?
      </span>
    );
  const left = n - columns.length + (m - rows.length);
  return (
    <div class="scrolls" tabIndex={0} role="region" aria-label={`derivatives known, ${side} mode`}>
      <Table
        caption={`derivatives found by ${side === "forward" ? "forward" : "reverse"} sweeps`}
        quiet
        head={["output", ...columns.map((i) => `∂/∂${entryText(inputs, i)}`)]}
        rows={rows.map((j) => [entryText(outputs, j), ...columns.map((i) => cell(j, i))])}
      />
      {left > 0 && (
        <p class="soft">
          The first {count(columns.length * rows.length)} of {counted(n * m, "derivative")}.
        </p>
      )}
    </div>
  );
}

function OfThisFunction(): JSX.Element {
  const [, again] = useRun();
  const { engine } = useContext(PageContext);
  const live = useLive();
  const answer = useTimes();
  if (!answer.value || answer.error !== undefined) return <Pending of={answer} />;
  return (
    <section>
      <h2>Measured, for this function</h2>
      <TimesTable measured={answer.value} caption="all derivatives of this function" />
      {engine.live && (
        <button
          type="button"
          class="after-table"
          disabled={answer.waiting || !live}
          onClick={again}
        >
          Measure again
        </button>
      )}
    </section>
  );
}
