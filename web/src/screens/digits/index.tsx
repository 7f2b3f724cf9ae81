import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { percent } from "../../format";
import { useAbout } from "../../moment";
import { PageContext } from "../../page";
import { Pending } from "../../parts/problem";
import { useScrubber } from "../../parts/scrubber";
import type { Screen } from "../screen";
import { Choice } from "./choice";
import { Chosen } from "./chosen";
import "./digits.css";
import { Draw } from "./draw";
import { Mistakes } from "./gallery";
import { ScreenLink } from "./links";
import { useOverview, useView, type Overview, type View } from "./questions";
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
  if (!about || !overview) return <Pending of={answer} />;
  const can: Record<View, boolean> = {
    mistakes: true,
    weights: overview.image !== null,
    draw: overview.image !== null && about.classes.length > 0 && engine.live,
  };
  const shown = can[view] ? view : "mistakes";
  return (
    <div class="digits">
      {overview.image && (
        <div class="views">
          <Choice
            label="What to look at"
            options={VIEWS}
            value={shown}
            without={VIEWS.filter(([v]) => !can[v]).map(([v]) => v)}
            onChange={(v) => setView(v as View)}
          />
          {!engine.live && <span class="soft">a saved file has no network to draw for</span>}
        </div>
      )}
      <Untrained overview={overview} classes={about.classes.length} />
      {shown === "mistakes" && <Mistakes />}
      {shown === "weights" && overview.image && <FirstLayer image={overview.image} />}
      {shown === "draw" && overview.image && <Draw image={overview.image} about={about} />}
    </div>
  );
}

/** Not much better than by chance. */
function Untrained({ overview, classes }: { overview: Overview; classes: number }) {
  const { confusion } = overview;
  if (!confusion || confusion.accuracy * classes > 1.8) return null;
  return (
    <p class="untrained">
      This network is not trained: it gets {percent(confusion.accuracy)} right, about what guessing
      would. Everything here works all the same. To see what it learns, train it in{" "}
      <ScreenLink screen="train">6 Train</ScreenLink>, or in a terminal with{" "}
      <code>chainrule train</code> and then <code>chainrule explore RUN</code>.
    </p>
  );
}

export const digits: Screen = {
  id: "digits",
  title: "Digits",
  todo: "Choose an example that the network gets wrong, or draw a digit yourself.",
  see: "Right: ∂C/∂x, how each pixel would change its cost. All other screens show it, too.",
  Main,
  Inspector: Chosen,
};
