// Looking around: the network, what is chosen in it, and the nudge.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { useAnswer } from "../../engine/answers";
import { useMoment, useNumbers, type About } from "../../moment";
import type { Link } from "../../parts/network-links";
import { NetworkPicture } from "../../parts/network-picture";
import { Pending } from "../../parts/problem";
import { placeOfChoice, useChoice, useChoosePlace, type Choice } from "./choice";
import { useCurve, type Curve } from "./curve";
import { Nudge } from "./nudge";

export function Look({ about }: { readonly about: About }): JSX.Element {
  const choice = useChoice(about.sizes);
  const numbers = useNumbers();
  const curve = useCurve(choice);
  const links = useLinks(choice, curve.value);
  const choose = useChoosePlace(choice.kind);
  const { layer, neuron } = placeOfChoice(choice);
  const picture = useMemo(
    () =>
      numbers.value && (
        <NetworkPicture
          about={about}
          numbers={numbers.value}
          chosen={{ layer, neuron }}
          onChoose={choose}
          inputs
          links={links}
        />
      ),
    [about, numbers.value, layer, neuron, choice.kind, links], // and not how far is nudged
  );
  return (
    <>
      {picture ?? <Pending of={numbers} />}
      {curve.value && curve.error === undefined ? (
        <Nudge choice={choice} curve={curve.value} isCurrent={curve.current} />
      ) : (
        <Pending of={curve} />
      )}
    </>
  );
}

const NONE: readonly Link[] = [];

/** The connections to draw: a weight that is moved, else those with the largest weights. */
function useLinks(choice: Choice, curve: Curve | undefined): readonly Link[] {
  const { step } = useMoment();
  const { layer, neuron, kind, from } = choice;
  const found = useAnswer<{ links: readonly Link[] }>(
    "demon.connections",
    step === null || kind === "weight" ? null : { step, ...placeOfChoice(choice) },
  );
  const weight = curve?.value ?? 0;
  return useMemo(
    () =>
      kind === "weight" ? [{ layer, to: neuron, from, weight }] : (found.value?.links ?? NONE),
    [kind, layer, neuron, from, weight, found.value],
  );
}
