// What a reader does with training: start, pause, single steps, back, and begin anew.
import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { useLive } from "../../engine/answers";
import { count, counted, short } from "../../format";
import { useMoment } from "../../moment";
import { PageContext } from "../../page";
import { Problem } from "../../parts/problem";
import { Anew } from "./anew";
import { EtaControl } from "./eta";
import type { History, Standing } from "./history";
import { NumberField } from "./number-field";
import { useTraining } from "./training";

export function Controls({ history }: { readonly history: History }): JSX.Element {
  const { engine } = useContext(PageContext);
  const live = useLive();
  const { standing, points } = history;
  const { problem } = useTraining();
  return (
    <section class="train-controls" aria-label="Control">
      {!engine.live && <p class="soft">A saved moment does not train: chainrule explore does.</p>}
      <div class="train-row">
        <Buttons standing={standing} live={live} />
        <EtaControl eta={standing.eta} disabled={!live} />
      </div>
      <div class="train-row">
        <BackTo standing={standing} live={live} />
        <Anew history={history} live={live} />
      </div>
      <Where standing={standing} mean={points.find((p) => p.step === standing.step)?.mean} />
      {standing.message && <Problem text={standing.message} />}
      {problem.value && <Problem text={problem.value} />}
    </section>
  );
}

interface PartProps {
  readonly standing: Standing;
  readonly live: boolean;
}

function Buttons({ standing, live }: PartProps): JSX.Element {
  const { wish } = useTraining();
  const running = live && isRunning(standing);
  return (
    <div class="train-row">
      <button
        type="button"
        class="primary"
        disabled={!live}
        onClick={() => wish(running ? "pause" : "start")}
      >
        {running ? "Pause" : "Start"}
      </button>
      <button type="button" disabled={!live || running} onClick={() => wish("step")}>
        One mini-batch
      </button>
      <button type="button" disabled={!live || running} onClick={() => wish("epoch")}>
        {standing.batch === 0 ? "One epoch" : "To the end of the epoch"}
      </button>
    </div>
  );
}

/** Going back: the step is the one that the reader looks at, by the scrubber, a curve, or here. */
function BackTo({ standing, live }: PartProps): JSX.Element {
  const { wish } = useTraining();
  const { step, setStep } = useMoment();
  const at = step ?? standing.step;
  const there = at === standing.step;
  return (
    <div class="train-row">
      <label>
        Look at step{" "}
        <NumberField
          text={String(at)}
          step={1}
          min={standing.first}
          max={standing.last}
          disabled={!live || standing.first === standing.last}
          onChosen={(chosen) => setStep(chosen >= standing.last ? null : Math.max(0, chosen))}
        />
      </label>
      <button type="button" disabled={!live || there} onClick={() => wish("rewind", { step: at })}>
        {there ? "Training stands there" : `Rewind training to step ${count(at)}`}
      </button>
    </div>
  );
}

interface WhereProps {
  readonly standing: Standing;
  readonly mean: number | null | undefined;
}

/** Where training stands: in words that are read out when they change, and in numbers beside. */
function Where({ standing, mean }: WhereProps): JSX.Element {
  const { lost } = useContext(PageContext);
  const { epoch, batch, batches, rate, step } = standing;
  const numbers = [
    `epoch ${count(epoch)}`,
    `${count(batch)} of ${counted(batches, "mini-batch").replace(/hs$/, "hes")} done`,
    ...(mean === null || mean === undefined ? [] : [`mean cost of the epoch ${short(mean)}`]),
    ...(rate === null || lost.value ? [] : [`${count(Math.round(rate))} examples a second`]),
  ];
  return (
    <p class="train-where">
      <span role="status" class="train-status">
        {lost.value ? "No answer; what was last heard:" : inWords(standing)}
      </span>{" "}
      <span>step {count(step)}</span> <span class="soft">{numbers.join(" · ")}</span>
    </p>
  );
}

function inWords({ status }: Standing): string {
  return {
    ready: "Ready.",
    compiling: "Compiling the step, once, for some seconds …",
    running: "Training.",
    paused: "Paused.",
    diverged: "Diverged.",
    failed: "Failed.",
  }[status];
}

export function isRunning({ status }: Standing): boolean {
  return status === "running" || status === "compiling";
}
