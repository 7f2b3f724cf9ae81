import type { JSX } from "preact";
import { useAnswer } from "../../engine/answers";
import { useAbout, useMoment, useNumbers, type About, type Numbers } from "../../moment";
import type { Link } from "../../parts/network-links";
import { NetworkPicture } from "../../parts/network-picture";
import { Pending } from "../../parts/problem";
import { useScrubber } from "../../parts/scrubber";
import type { Screen } from "../screen";
import { placeOfChoice, useChoice, useChoosePlace } from "./choice";

function Main(): JSX.Element {
  useScrubber({ step: true, example: true }, []);
  const about = useAbout();
  const numbers = useNumbers();
  if (!about.value || !numbers.value) return <Pending of={about.value ? numbers : about} />;
  return <Look about={about.value} numbers={numbers.value} />;
}

function Look({ about, numbers }: { readonly about: About; readonly numbers: Numbers }): JSX.Element {
  const { step } = useMoment();
  const choice = useChoice(about.sizes);
  const choose = useChoosePlace(choice.kind);
  const chosen = placeOfChoice(choice);
  const links = useAnswer<{ links: Link[] }>(
    "demon.connections",
    step === null ? null : { step, ...chosen },
  );
  return (
    <NetworkPicture
      about={about}
      numbers={numbers}
      chosen={chosen}
      onChoose={choose}
      inputs
      links={links.value?.links ?? []}
    />
  );
}

function Inspector(): JSX.Element {
  return <p>Inspector</p>;
}

export const demon: Screen = {
  id: "demon",
  title: "Demon",
  todo: "A demon sits at one neuron and adds dz to its weighted input z. Pick a neuron and drag dz.",
  see: "δ dz predicts how the cost C changes; the gap to the real change shrinks faster than dz.",
  Main,
  Inspector,
};
