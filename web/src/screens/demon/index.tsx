import type { JSX } from "preact";
import { useAbout } from "../../moment";
import { Pending } from "../../parts/problem";
import { useScrubber } from "../../parts/scrubber";
import { Segments } from "../../parts/segments";
import { useFlag } from "../../place";
import type { Screen } from "../screen";
import "./demon.css";
import { Game, GameInspector } from "./game";
import { LookInspector } from "./inspector";
import { Look } from "./look";

function Main(): JSX.Element {
  const [isGame] = useFlag("game");
  const about = useAbout();
  useScrubber({ step: true, example: !isGame }, [isGame]);
  if (!about.value) return <Pending of={about} />;
  return (
    <div class="demon">{isGame ? <Game about={about.value} /> : <Look about={about.value} />}</div>
  );
}

function Inspector(): JSX.Element {
  const [isGame] = useFlag("game");
  const about = useAbout();
  if (!about.value) return <Pending of={about} />;
  return (
    <div class="demon-inspector">
      <Modes />
      {isGame ? <GameInspector about={about.value} /> : <LookInspector about={about.value} />}
    </div>
  );
}

/** To look around, or to play. */
function Modes(): JSX.Element {
  const [isGame, setGame] = useFlag("game");
  return (
    <div class="modes">
      <Segments
        label="What to do here"
        options={[["look", "Look around"], ["game", "Play the game"]]}
        value={isGame ? "game" : "look"}
        wide
        onChange={(mode) => setGame(mode === "game")}
      />
    </div>
  );
}

export const demon: Screen = {
  id: "demon",
  title: "Demon",
  todo: "A demon sits at one neuron and adds dz to its weighted input z. Pick a neuron, drag dz.",
  see: "δ dz predicts how the cost C changes; the gap to what C really does shrinks with dz².",
  Main,
  Inspector,
};
