import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { percent } from "../../format";
import { useAbout } from "../../moment";
import { PageContext } from "../../page";
import { Pending } from "../../parts/problem";
import { useScrubber } from "../../parts/scrubber";
import { Segments } from "../../parts/segments";
import type { Screen } from "../screen";
import { Chosen } from "./chosen";
import "./digits.css";
import { Draw } from "./draw";
import { Mistakes } from "./gallery";
import { ScreenLink } from "./links";
import { possibleViews, useOverview, useView, type Overview, type View } from "./questions";
import { FirstLayer } from "./weights";

const VIEWS: readonly (readonly [View, string])[] = [
  ["mistakes", "Mistakes"],
  ["weights", "First-layer weights"],
  ["draw", "Draw your own"],
];

function Main(): JSX.Element {
  const { engine } = useContext(PageContext);
  const about = useAbout().value;
  const answer = useOverview();
  const [view, setView] = useView();
  useScrubber({ step: true, example: true }, []);
  const overview = answer.value;
  if (!about || !overview || answer.error !== undefined) return <Pending of={answer} />;
  const possible = possibleViews(overview, engine.live);
  return (
    <div class="digits">
      {overview.image && (
        <div class="digits-views">
          <Segments
            label="What to look at"
            options={VIEWS}
            value={view ?? ""}
            without={VIEWS.map(([v]) => v).filter((v) => !possible.includes(v))}
            onChange={(v) => setView(v as View)}
          />
          {!engine.live && <span class="soft">a saved file has no network to draw for</span>}
        </div>
      )}
      <Untrained overview={overview} classes={about.classes.length} />
      {view === "mistakes" && <Mistakes />}
      {view === "weights" && overview.image && <FirstLayer image={overview.image} />}
      {view === "draw" && overview.image && <Draw image={overview.image} about={about} />}
    </div>
  );
}

/** Not much better than by chance. */
function Untrained({ overview, classes }: { overview: Overview; classes: number }) {
  const { confusion } = overview;
  const chance = 1 / classes;
  if (!confusion || confusion.accuracy > chance + 0.1 * (1 - chance)) return null;
  return (
    <p class="digits-untrained">
      This network has learned nothing yet: {percent(confusion.accuracy)} right, as by guessing.
      Train it in <ScreenLink screen="train">6 Train</ScreenLink>, or in a terminal:{" "}
      <code>chainrule train</code>, then <code>chainrule explore RUN</code>.
    </p>
  );
}

export const digits: Screen = {
  id: "digits",
  title: "Digits",
  todo: "Choose an example that the network gets wrong; of images, draw your own.",
  see: "At the right: ∂C/∂x, what a little more of each input does to the cost.",
  Main,
  Inspector: Chosen,
};
