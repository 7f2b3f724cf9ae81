import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Formula } from "../../parts/formula";
import { Pending } from "../../parts/problem";
import { useScrubber } from "../../parts/scrubber";
import type { Room } from "../../parts/size";
import type { Screen } from "../screen";
import { Cards, LayerSelect } from "./cards";
import { useChoice, useForms, type Choice } from "./choice";
import { Costs } from "./costs";
import "./equations.css";
import { Inspector } from "./inspector";
import { EquationRow } from "./row";
import { isComputed, resultOf, stagesOf, type Label } from "./sweep";

function Main(): JSX.Element {
  const choice = useChoice();
  const forms = useForms();
  const [element, room] = useRoom();
  useSweep(choice);
  const { form, view, depth } = choice;
  return (
    <div ref={element} class="equations">
      {forms.value ? (
        <Cards choice={choice} forms={forms.value} layer={form?.layer ?? depth} />
      ) : (
        <Pending of={forms} />
      )}
      {form && room && (
        <section aria-label={`${form.label} with its numbers`}>
          <Heading choice={choice} />
          <p class="equation-says soft">{SAYS[form.label]}</p>
          <EquationRow choice={choice} form={form} room={room} />
        </section>
      )}
      {view === "costs" && forms.value && room && (
        <Costs forms={forms.value} width={room.width} />
      )}
    </div>
  );
}

const SAYS: Readonly<Record<Label, string>> = {
  BP1:
    "The error δ of an output neuron is how the cost C changes with its z: " +
    "how C changes with its a, times the slope of a.",
  BP2: "Errors of the next layer come back through its weights, times the slope of a.",
  BP3: "The derivative of C in a bias is the error of its neuron.",
  BP4: "The derivative of C in a weight is the error it leads to, times the a it comes from.",
};

/** The equation as it is for this network, and whether the sweep has come to it. */
function Heading({ choice }: { readonly choice: Choice }): JSX.Element {
  const { form, position, depth } = choice;
  if (!form) return <></>;
  const done = isComputed(form, position, depth);
  const same = form.special === form.general;
  return (
    <div class="equation-heading">
      <h2>{form.label}</h2>
      <LayerSelect choice={choice} />
      {same ? (
        <Formula tex={form.special} />
      ) : (
        <span>
          <span class="soft">for this network:</span> <Formula tex={form.special} />
        </span>
      )}
      {form.assumptions.length > 0 && (
        <span class="soft">
          where <Formula tex={form.assumptions.join(",\\ ")} />
        </span>
      )}
      {!done && (
        <span role="status" class="equation-waits">
          {resultOf(form)} is not computed yet: step forward
        </span>
      )}
    </div>
  );
}

/** The scrubber steps through the equations, and the screen goes along. */
function useSweep(choice: Choice): void {
  const { depth, position } = choice;
  const stages = stagesOf(depth);
  const label = (at: number): string => {
    const stage = stages[at];
    return stage ? resultOf(stage) : "";
  };
  useScrubber({ step: true, example: true, sweep: { count: stages.length, label } }, [depth]);
  const seen = useRef({ depth, position });
  useEffect(() => {
    const moved = seen.current.depth === depth && seen.current.position !== position;
    seen.current = { depth, position };
    const stage = stages[position];
    if (moved && stage) choice.go(stage);
  }, [depth, position]);
}

const ABOVE = 200; // px of what stands above the cells and just below

/** The room that is left for matrices, followed as it changes. */
function useRoom() {
  const element = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<Room | null>(null);
  useLayoutEffect(() => {
    const found = element.current;
    const main = found?.closest("main");
    if (!found || !main) return;
    const measure = (): void =>
      setRoom({ width: found.clientWidth, height: main.clientHeight - ABOVE });
    const resized = new ResizeObserver(measure);
    resized.observe(found);
    resized.observe(main);
    return () => resized.disconnect();
  }, []);
  return [element, room] as const;
}

export const equations: Screen = {
  id: "equations",
  title: "Four equations",
  todo: "Choose an equation, then point at a cell or move with the arrow keys.",
  see: "Its row and column light up; at the right is how that number comes about, and its check.",
  Main,
  Inspector,
};
