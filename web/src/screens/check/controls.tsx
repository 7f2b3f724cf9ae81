// What is checked: the network or a small one, how many examples, whose gradient.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useAct, useAnswer, useEvents, useLive, type Answer } from "../../engine/answers";
import { count } from "../../format";
import { useAbout } from "../../moment";
import { useOwnId } from "../../parts/own-id";
import { Slider } from "../../parts/slider";
import { subjectOf, type CheckState, type Choices, type Compared } from "./answers";

interface ControlsProps {
  readonly state: CheckState;
  readonly answer: Answer<Compared>;
}

export function Controls({ state, answer }: ControlsProps): JSX.Element {
  const live = useLive();
  const choices = useAnswer<Choices>("check.choices", {}).value;
  return (
    <fieldset class="check-controls" disabled={!live}>
      <legend class="unseen">What is checked</legend>
      <div class="check-row">
        <Subject state={state} choices={choices} />
        {state.function === null && (
          <>
            <Slider
              label="examples"
              value={state.examples}
              min={1}
              max={20}
              step={1}
              text={String(state.examples)}
              disabled={!live}
              onChange={state.setExamples}
            />
            <Amount state={state} answer={answer} />
          </>
        )}
      </div>
      {state.function === null && <Mistakes state={state} mistakes={choices?.mistakes ?? {}} />}
    </fieldset>
  );
}

interface SubjectProps {
  readonly state: CheckState;
  readonly choices: Choices | undefined;
}

/** The network, a small one, or a function. */
function Subject({ state, choices }: SubjectProps): JSX.Element {
  const about = useAbout().value;
  const id = useOwnId();
  return (
    <>
      <label for={id}>Check</label>
      <select
        id={id}
        value={state.subject}
        onChange={(event) => state.setSubject(event.currentTarget.value)}
      >
        <option value="network">{about?.sizes.join("-") ?? "the network"}</option>
        <option value="small">small, {(choices?.small ?? []).join("-")}</option>
        {(choices?.functions ?? []).map((name) => (
          <option key={name} value={subjectOf(name)}>{name}, a function</option>
        ))}
      </select>
    </>
  );
}

/** A sample or all parameters; while these are compared, how far it is, and a button to stop. */
function Amount({ state, answer }: ControlsProps): JSX.Element {
  const act = useAct();
  const [done, setDone] = useState<readonly [number, number] | null>(null);
  useEvents((event) => {
    if (event.name !== "checking") return;
    setDone([Number(event.facts["done"]), Number(event.facts["of"])]);
  });
  useEffect(() => setDone(null), [answer.waiting]);
  const stop = (): void => {
    void act("check.stop");
    state.setEvery(false);
  };
  const found = answer.value;
  if (state.every && answer.waiting) {
    return (
      <div class="check-row">
        <progress aria-label="parameters compared" value={done?.[0] ?? 0} max={done?.[1] ?? 1} />
        <span>{done ? `${count(done[0])} of ${count(done[1])}` : "building …"}</span>
        <button type="button" onClick={stop}>Stop</button>
      </div>
    );
  }
  if (state.every) {
    return <button type="button" onClick={() => state.setEvery(false)}>Check a sample</button>;
  }
  if (!found || found.checked === found.parameters) return <></>;
  return (
    <button type="button" class="primary" onClick={() => state.setEvery(true)}>
      Check all {count(found.parameters)}
    </button>
  );
}

interface MistakesProps {
  readonly state: CheckState;
  readonly mistakes: Readonly<Record<string, string>>;
}

function Mistakes({ state, mistakes }: MistakesProps): JSX.Element {
  const name = useOwnId();
  const choices = [["", "the engine's"], ...Object.entries(mistakes)] as const;
  return (
    <div role="radiogroup" aria-label="Whose gradient" class="check-mistakes">
      {choices.map(([mistake, title]) => (
        <label key={mistake}>
          <input
            type="radio"
            name={name}
            checked={state.mistake === mistake}
            onChange={() => state.setMistake(mistake)}
          />{" "}
          {mistake === "none" ? "by hand, no mistake" : title}
        </label>
      ))}
    </div>
  );
}
