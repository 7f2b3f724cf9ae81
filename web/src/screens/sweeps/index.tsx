import type { JSX } from "preact";
import { Segments } from "../../parts/segments";
import { useText } from "../../place";
import type { Screen } from "../screen";
import { FunctionChoice } from "./choosing";
import { Counts } from "./counts";
import { PathsInspector } from "./factored";
import { PathsView } from "./paths";
import { SideBySide } from "./side";
import "./sweeps.css";
import { Times, TimesInspector } from "./times";

const PARTS = [
  { id: "", title: "Side by side", Main: SideBySide, Inspector: Counts },
  { id: "times", title: "Milliseconds", Main: Times, Inspector: TimesInspector },
  { id: "paths", title: "Paths", Main: PathsView, Inspector: PathsInspector },
] as const;

function usePart(): [(typeof PARTS)[number], (id: string) => void] {
  const [id, set] = useText("part");
  return [PARTS.find((part) => part.id === id) ?? PARTS[0], set];
}

function Main(): JSX.Element {
  const [part, choose] = usePart();
  return (
    <div class="sweeps">
      <div class="sweeps-top">
        <Segments
          label="What to see"
          options={PARTS.map(({ id, title }) => [id, title] as const)}
          value={part.id}
          onChange={choose}
        />
        {part.id !== "times" && <FunctionChoice />}
      </div>
      <part.Main key={part.id} />
    </div>
  );
}

function Inspector(): JSX.Element {
  const [part] = usePart();
  return <part.Inspector key={part.id} />;
}

export const sweeps: Screen = {
  id: "sweeps",
  title: "Forward and reverse",
  todo: "Step through both sweeps, then start from another input.",
  see:
    "A forward sweep finds the derivatives in one input, a reverse sweep those in all. " +
    "See what that costs, and why.",
  Main,
  Inspector,
};
