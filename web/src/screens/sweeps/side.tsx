// Both sweeps over the same graph, side by side: one position moves both.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { NETWORK } from "../../moment";
import { Formula } from "../../parts/formula";
import { Canvas, ZoomButtons } from "../../parts/graph-canvas";
import { Pending } from "../../parts/problem";
import { usePosition, useScrubber } from "../../parts/scrubber";
import { TextForm } from "../../parts/text-form";
import { useNumber, useText } from "../../place";
import { EntryChoice, Refused } from "./choosing";
import { drawnOf, labelOf, positionOfSpot, stopOf, summedOver, type Side } from "./drawn";
import { aligned } from "./formulas";
import { numbersOf, textOf } from "./known";
import { useLockstep, type Lockstep, type Step, type Sum } from "./questions";

const NONE: ReadonlySet<string> = new Set();

export function SideBySide(): JSX.Element {
  const answer = useLockstep();
  const { value } = answer;
  const steps = value?.forward.length ?? 0;
  const [position] = usePosition(steps);
  const [name] = useText("function");
  const isNetwork = name === NETWORK;
  const label = (at: number): string => {
    const left = value?.forward[at];
    const right = value?.reverse[at];
    return left && right ? `${labelOf(left)} and ${labelOf(right)}` : "";
  };
  useScrubber(
    { step: isNetwork, example: isNetwork, ...(steps > 1 && { sweep: { count: steps, label } }) },
    [isNetwork, value],
  );
  if (answer.error !== undefined) return <Refused text={answer.error} />;
  if (!value) return <Pending of={answer} />;
  return (
    <div class="both-sweeps">
      <Pane answer={value} side="forward" position={position} />
      <Pane answer={value} side="reverse" position={position} />
      <BothAsText answer={value} />
    </div>
  );
}

/** Where a sweep starts, and how to start another one: what was swept to its end is kept. */
export function useStart(
  answer: Lockstep,
  side: Side,
): {
  readonly done: ReadonlySet<number>;
  readonly go: (number: number) => void;
  readonly restart: () => void;
} {
  const [position] = usePosition(answer.forward.length);
  const [, set] = useNumber(side === "forward" ? "seed" : "end", side === "forward" ? -1 : 0);
  const [swept, setSwept] = useText(side === "forward" ? "swept" : "pulled");
  const now = side === "forward" ? answer.start : answer.end;
  const isDone = position >= answer.forward.length - 1;
  const done = numbersOf(swept);
  return {
    done,
    go: (number) => {
      if (isDone) setSwept(textOf(new Set([...done, now])));
      set(number);
    },
    restart: () => setSwept(""),
  };
}

interface PaneProps {
  readonly answer: Lockstep;
  readonly side: Side;
  readonly position: number;
}

function Pane({ answer, side, position }: PaneProps): JSX.Element {
  const drawn = useMemo(() => drawnOf(answer, side), [answer, side]);
  const step = answer[side][position];
  const { go } = useStart(answer, side);
  const [, setPosition] = usePosition(answer.forward.length);
  const isForward = side === "forward";
  return (
    <section class={`sweep-pane ${side}`} aria-label={isForward ? "Forward mode" : "Reverse mode"}>
      <h2>
        {isForward ? "Forward mode" : "Reverse mode"}
        <EntryChoice
          label={isForward ? "from input" : "from output"}
          among={isForward ? answer.inputs : answer.outputs}
          value={isForward ? answer.start : answer.end}
          onChange={go}
        />
      </h2>
      {step && (
        <Canvas
          drawn={drawn}
          stop={stopOf(step, position)}
          direction=""
          lit={NONE}
          litLines={summedOver(drawn.edges, step, side)}
          looked=""
          onLight={() => undefined}
          onChoose={(spot) => {
            const found = positionOfSpot(answer, side, spot);
            if (found >= 0) setPosition(found);
          }}
          onClose={() => undefined}
        >
          {(zooming) => <ZoomButtons zooming={zooming} />}
        </Canvas>
      )}
      {step && <StepRule answer={answer} step={step} side={side} />}
    </section>
  );
}

interface StepRuleProps {
  readonly answer: Lockstep;
  readonly step: Step;
  readonly side: Side;
}

/** What happens at this node: by the chain rule, by the rule of the operation, in numbers. */
function StepRule({ answer, step, side }: StepRuleProps): JSX.Element {
  return (
    <div class="step-rule" aria-live="polite">
      {step.sums.map((sum) => (
        <div key={sum.name}>
          <Formula tex={aligned(sum.latex)} block />
          <p class="soft">{whyOf(sum, answer, side)}</p>
        </div>
      ))}
    </div>
  );
}

function whyOf(sum: Sum, { start_text, end_text }: Lockstep, side: Side): string {
  const from = side === "forward" ? start_text : end_text;
  switch (sum.kind) {
    case "start":
      return `The sweep starts here: ∂${from}/∂${from} = 1.`;
    case "other":
      return `Another input than ${from}: it stays as it is.`;
    case "none":
      return side === "forward" ? `No path from ${from} leads here.` : `No path leads to ${from}.`;
    case "sum":
      return side === "forward"
        ? `${sum.name} is ∂${sum.variable}/∂${from}: a sum over the lines that come in.`
        : `${sum.name} is ∂${from}/∂${sum.variable}: a sum over the lines that go out.`;
  }
}

function BothAsText({ answer }: { readonly answer: Lockstep }): JSX.Element {
  const row = (step: Step): readonly (string | number)[] => [
    step.sums.map((sum) => sum.variable).join(", "),
    step.sums.map((sum) => sum.text.join(" = ")).join("; "),
  ];
  return (
    <TextForm
      title="both sweeps, step by step"
      head={["step", "node", "forward mode", "node", "reverse mode"]}
      rows={() =>
        answer.forward.map((step, i) => [
          i + 1,
          ...row(step),
          ...row(answer.reverse[i] ?? step),
        ])
      }
    />
  );
}
