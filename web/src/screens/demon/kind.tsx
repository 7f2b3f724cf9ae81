// What the demon moves: a weighted input, a bias, a weight or an input of the network.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useAct, useLive } from "../../engine/answers";
import { useAt } from "../../moment";
import { useMove } from "../../place";
import { KIND_NAMES, KINDS, whatOf, type Choice, type Kind } from "./choice";

export function KindSelect({ choice }: { readonly choice: Choice }): JSX.Element {
  const live = useLive();
  const choose = useKind(choice);
  const open = live ? KINDS : ["neuron", choice.kind]; // a file holds no others
  return (
    <label>
      <span class="unseen">what is moved</span>
      <select
        value={choice.kind}
        onChange={(event) => void choose(event.currentTarget.value as Kind)}
      >
        {KINDS.map((kind) => (
          <option key={kind} value={kind} disabled={!open.includes(kind)}>
            {KIND_NAMES[kind]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A weight or an input begins where the cost feels it most; most of them it hardly feels. */
function useKind(choice: Choice): (kind: Kind) => Promise<void> {
  const act = useAct();
  const at = useAt();
  const move = useMove();
  const wishes = useRef(0);
  const here = whatOf(choice);
  const latest = useRef(here);
  latest.current = here;
  return async (kind) => {
    const { layer, neuron } = choice;
    const wish = (wishes.current += 1);
    if (kind !== "weight" && kind !== "input") return move({ nudge: kind, layer, neuron });
    if (!at) return;
    let strongest: Partial<Strongest> = {};
    try {
      const { from, pixel } = (await act("demon.strongest", { ...at, layer, neuron })) as Strongest;
      strongest = kind === "weight" ? { from } : { pixel };
    } catch {
      // the curve, which asks next, says what is wrong
    }
    // unless something else was chosen while this was on its way
    if (wish !== wishes.current || latest.current !== here) return;
    move({ nudge: kind, layer, neuron, ...strongest });
  };
}

interface Strongest {
  readonly from: number;
  readonly pixel: number;
}
