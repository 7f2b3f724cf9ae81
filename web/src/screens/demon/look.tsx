// Looking around: the network, what is chosen in it, and the nudge.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { useAnswer } from "../../engine/answers";
import { useMoment, useNumbers, type About, type ByLayer } from "../../moment";
import type { Link } from "../../parts/network-links";
import { QUANTITIES } from "../../parts/network-numbers";
import { NetworkPicture } from "../../parts/network-picture";
import { Pending } from "../../parts/problem";
import { useText } from "../../place";
import { changeAt, placeOfChoice, useChoice, useChoosePlace, type Choice } from "./choice";
import { useCascade, useCurve, type Curve } from "./curve";
import { Nudge } from "./nudge";

export function Look({ about }: { readonly about: About }): JSX.Element {
  const choice = useChoice(about.sizes);
  const numbers = useNumbers();
  const curve = useCurve(choice);
  const links = useLinks(choice, curve.value);
  const choose = useChoosePlace(choice.kind);
  const change = useChange(choice);
  const { layer, neuron } = placeOfChoice(choice);
  const picture = useMemo(
    () =>
      numbers.value && (
        <NetworkPicture
          about={about}
          numbers={{ ...numbers.value, ...(change && { change }) }}
          shown={SHOWN}
          chosen={{ layer, neuron }}
          onChoose={choose}
          inputs
          links={links}
        />
      ),
    [about, numbers.value, layer, neuron, choice.kind, links, change],
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

const SHOWN = [...QUANTITIES, "change"] as const;

/** What the nudge changes in each neuron; asked for only while it is looked at. */
function useChange(choice: Choice): ByLayer | null {
  const [colour] = useText("colour", "delta");
  const change = colour === "change" ? changeAt(choice.position, choice.reach) : 0;
  const { value } = useCascade(choice, change);
  return change === 0 ? null : (value?.changes ?? null);
}

const NONE: readonly Link[] = [];

/** The connections to draw: a weight that is moved, else those with the largest weights. */
function useLinks(choice: Choice, curve: Curve | undefined): readonly Link[] {
  const { step } = useMoment();
  const { layer, neuron, kind, from, isKnown } = choice;
  const found = useAnswer<{ links: readonly Link[] }>(
    "demon.connections",
    step === null || kind === "weight" || !isKnown ? null : { step, ...placeOfChoice(choice) },
  );
  const weight = curve?.value ?? 0;
  return useMemo(
    () =>
      kind === "weight" ? [{ layer, to: neuron, from, weight }] : (found.value?.links ?? NONE),
    [kind, layer, neuron, from, weight, found.value],
  );
}
