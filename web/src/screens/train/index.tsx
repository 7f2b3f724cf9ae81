// Training in the page: the engine runs the loop of cr.fit, this screen asks it to and shows it.
import type { JSX } from "preact";
import { Problem } from "../../parts/problem";
import { useScrubber } from "../../parts/scrubber";
import type { Screen } from "../screen";
import { MiniBatch } from "./batch";
import { Controls } from "./controls";
import { Curves } from "./curves";
import { Layers } from "./layers";
import "./train.css";
import { useGoAlong, useTraining } from "./training";

function Main(): JSX.Element {
  const { history, problem } = useTraining();
  useScrubber({ step: true }, []);
  useGoAlong();
  if (history.value === null) {
    if (problem.value) return <Problem text={problem.value} />;
    return <p role="status">reading the examples …</p>;
  }
  return (
    <div class="train">
      <Controls history={history.value} />
      <Curves history={history.value} />
      <MiniBatch history={history.value} />
    </div>
  );
}

function Inspector(): JSX.Element {
  const { history } = useTraining();
  return history.value === null ? <></> : <Layers history={history.value} />;
}

export const train: Screen = {
  id: "train",
  title: "Train",
  todo: "Press Start, and change η while it trains. Pause, take one mini-batch at a time, or look at an earlier step and rewind.",
  see: "Cost and accuracy, what a step does in each layer, and which examples pull against their mini-batch.",
  Main,
  Inspector,
};
