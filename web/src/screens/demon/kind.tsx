// What the demon moves: a weighted input, a bias, a weight or an input of the network.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useAct, useLive } from "../../engine/answers";
import { useAt } from "../../moment";
import { useMove } from "../../place";
import { KIND_NAMES, KINDS, whatOf, type Choice, type Kind } from "./choice";

export function KindSelect({ choice }: { readonly choice: Choice }): JSX.Element {
  const live = useLive();
  const act = useAct();
  const at = useAt();
  const move = useMove();
  const open = live ? KINDS : ["neuron", choice.kind]; // a file holds no others
  const wishes = useRef(0);
  const here = whatOf(choice);
  const latest = useRef(here);
  latest.current = here;
  /** A weight or an input begins where the cost feels it most; most of them it hardly feels. */
  const set = async (kind: Kind): Promise<void> => {
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
  return (
    <label>
      <span class="unseen">what is moved</span>
      <select
        value={choice.kind}
        onChange={(event) => void set(event.currentTarget.value as Kind)}
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

interface Strongest {
  readonly from: number;
  readonly pixel: number;
}
