// What is looked at: the function, what is differentiated, and how the picture is drawn.
import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { useAnswer, useLive } from "../../engine/answers";
import { count } from "../../format";
import { NETWORK } from "../../moment";
import { PageContext } from "../../page";
import type { Direction } from "../../parts/graph-layout";
import { useMove, useText } from "../../place";
import { useOpen, type Drawn } from "./questions";

/** Operations up to which all groups are opened at once: more boxes take long to place. */
const MOST_OPEN = 250;

export function useDirection(): [Direction | "", (direction: string) => void] {
  const [text, set] = useText("direction");
  return [text === "right" || text === "down" ? text : "", set];
}

export function FunctionChoice(): JSX.Element {
  const live = useLive();
  const { value } = useAnswer<{ functions: string[] }>("session.functions", {});
  const [name] = useText("function");
  const move = useMove();
  const known = value?.functions ?? [];
  // chosen on the next screen, which has functions of its own
  const isElsewhere = name !== "" && name !== NETWORK && !known.includes(name);
  return (
    <label class="graph-choice">
      <span>Function</span>
      <select
        value={name || known[0] || ""}
        disabled={!live}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          const all = { function: chosen === known[0] ? "" : chosen };
          move({ ...all, inputs: "", of: "", open: "", look: "", position: -1 });
        }}
      >
        {known.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
        <option value={NETWORK}>cost of the network</option>
        {isElsewhere && <option value={name}>{name.replace(/^@/, "")}</option>}
      </select>
    </label>
  );
}

export function Controls({ drawn }: { readonly drawn: Drawn }): JSX.Element {
  const live = useLive();
  const [of, setOf] = useText("of");
  const [direction, setDirection] = useDirection();
  return (
    <>
      {drawn.choices.length > 1 && (
        <label class="graph-choice">
          <span>Derivative of</span>
          <select value={of} disabled={!live} onChange={(e) => setOf(e.currentTarget.value)}>
            {drawn.choices.map(({ key, text }) => (
              <option key={key} value={key}>
                {text}
              </option>
            ))}
          </select>
        </label>
      )}
      <label class="graph-choice">
        <span>Drawn</span>
        <select value={direction} onChange={(e) => setDirection(e.currentTarget.value)}>
          <option value="">as it fits</option>
          <option value="right">to the right</option>
          <option value="down">downwards</option>
        </select>
      </label>
      {drawn.all_groups.length > 0 && <Groups drawn={drawn} live={live} />}
    </>
  );
}

function Groups({ drawn, live }: { readonly drawn: Drawn; readonly live: boolean }): JSX.Element {
  const { engine } = useContext(PageContext);
  const [open, setOpen] = useOpen();
  return (
    <span class="graph-groups">
      <button
        type="button"
        disabled={!live || drawn.equations > MOST_OPEN}
        title={groupsHint(engine.live, drawn.equations)}
        onClick={() => setOpen(drawn.all_groups)}
      >
        Open all groups
      </button>
      <button type="button" disabled={!live || open.length === 0} onClick={() => setOpen([])}>
        Close all
      </button>
    </span>
  );
}

function groupsHint(live: boolean, operations: number): string {
  if (!live) return "a saved file shows the groups that were open";
  if (operations > MOST_OPEN) return `${count(operations)} operations: open the groups one by one`;
  return "click on a group to open it alone";
}
