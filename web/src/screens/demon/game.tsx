// The game: lower the cost by one move of one weighted input, and learn where to look for it.
import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { useAnswer } from "../../engine/answers";
import { short, signed } from "../../format";
import { useMoment, useNeuron, type About, type Example, type Numbers } from "../../moment";
import { PageContext } from "../../page";
import { useFlag, useMove } from "../../place";
import { nameOf, QUANTITIES } from "../../parts/network-numbers";
import { NetworkPicture } from "../../parts/network-picture";
import { Num } from "../../parts/number";
import { Pending } from "../../parts/problem";
import { Table } from "../../parts/table";
import {
  ordinal, points, ROUNDS, useGame, useGuesses, useRounds, type GameState, type Guess,
  type Ranked, type Rounds,
} from "./moves";

const HIDDEN = ["a", "z"] as const;

export function Game({ about }: { readonly about: About }): JSX.Element {
  const game = useGame();
  const rounds = useRounds(game.first);
  const { step } = useMoment();
  const [layer, neuron, choose] = useNeuron();
  const [isOpen] = useFlag("seen");
  const example = rounds.current ? rounds.value?.examples[game.round] : undefined;
  const at = step === null || example === undefined ? null : { step, example };
  const numbers = useAnswer<Numbers>("session.record", at);
  if (!rounds.value || !numbers.value) return <Pending of={rounds.value ? numbers : rounds} />;
  const chosen = game.made ?? { layer, neuron };
  return (
    <div aria-busy={!numbers.current}>
      <NetworkPicture
        about={about}
        numbers={numbers.value}
        chosen={chosen}
        onChoose={(place) => !game.made && choose(place.layer, place.neuron)}
        shown={game.made || isOpen ? QUANTITIES : HIDDEN}
      />
      <Task about={about} example={example ?? game.first} game={game} cost={numbers.value.cost} />
      {game.made ? (
        <Result game={game} rounds={rounds.value} />
      ) : (
        <MoveButtons game={game} far={rounds.value.far} numbers={numbers.value} chosen={chosen} />
      )}
    </div>
  );
}

interface TaskProps {
  readonly about: About;
  readonly example: string;
  readonly game: GameState;
  readonly cost: number;
}

function Task({ about, example, game, cost }: TaskProps): JSX.Element {
  const found = useAnswer<Example>("session.example", { example }).value;
  const name = about.classes[found?.label ?? -1];
  const aim = name === undefined ? "" : ` The output should say ${name}.`;
  return (
    <p class="task">
      <b>
        Round {game.round + 1} of {ROUNDS}.
      </b>
      {aim} Cost C = {short(cost)}.
    </p>
  );
}

interface MoveProps {
  readonly game: GameState;
  readonly far: number;
  readonly numbers: Numbers;
  readonly chosen: { readonly layer: number; readonly neuron: number };
}

function MoveButtons({ game, far, numbers, chosen }: MoveProps): JSX.Element {
  const { lost } = useContext(PageContext);
  const none = lost.value !== false; // nobody would say what a move brings
  return (
    <div class="move-buttons" role="group" aria-label="Your move">
      <span>Your neuron: {nameOf(numbers, chosen, [])}.</span>
      <button
        type="button"
        class="primary"
        disabled={none}
        onClick={() => game.make({ ...chosen, up: true })}
      >
        ▲ Move its z up by {far}
      </button>
      <button
        type="button"
        class="primary"
        disabled={none}
        onClick={() => game.make({ ...chosen, up: false })}
      >
        ▼ Move its z down by {far}
      </button>
    </div>
  );
}

interface ResultProps {
  readonly game: GameState;
  readonly rounds: Rounds;
}

/** How good the move was, and what would have been the best. */
function Result({ game, rounds }: ResultProps): JSX.Element {
  const guess = useGuesses(game)[game.round];
  const isLast = game.round === ROUNDS - 1;
  if (!guess) return <p role="status">computing …</p>;
  return (
    <section
      class={`result${guess.real > 0 ? " worse" : ""}`}
      aria-label="Result of your move"
      role="status"
    >
      <p>
        <b>{verdict(guess)}</b> {points(guess)} of 100 points.
      </p>
      <p>
        Your neuron is {ordinal(guess.rank)} of {guess.of} by |δ|: δ ={" "}
        <Num x={guess.delta} kind="gradient" sign />, predicted{" "}
        <Num x={guess.predicted} kind="gradient" sign />, real{" "}
        <Num x={guess.real} kind="value" sign />. {lesson(guess)}
      </p>
      <p>Best: {bestOf(guess.best)}</p>
      <button
        type="button"
        class="primary"
        onClick={() => (isLast ? game.restart(rounds.next) : game.goTo(game.round + 1))}
      >
        {isLast ? "New game" : "Next example"}
      </button>
    </section>
  );
}

function verdict({ real }: Guess): string {
  if (real === 0) return "C stayed as it was.";
  return real < 0 ? `C fell by ${short(-real)}.` : `C rose by ${short(real)}.`;
}

/** What to do better. */
function lesson(guess: Guess): string {
  if (guess.delta === 0) return "With δ = 0 the cost does not feel this neuron.";
  if (guess.real > 0) {
    return guess.delta > 0
      ? "δ > 0 means that C rises with z: move down."
      : "δ < 0 means that C falls as z rises: move up.";
  }
  if (guess.rank === 1) return "No neuron has a larger error.";
  return guess.share > 0.5 ? "Well chosen." : "Right direction; look for a larger |δ|.";
}

function bestOf({ layer, neuron, delta, real }: Ranked): string {
  const way = delta > 0 ? "down" : "up";
  return (
    `layer ${layer}, neuron ${neuron} ${way}, where δ = ${signed(delta)}:` +
    ` C changes by ${signed(real)}.`
  );
}

export function GameInspector({ about }: { readonly about: About }): JSX.Element {
  const game = useGame();
  const guesses = useGuesses(game);
  const rounds = useRounds(game.first).value;
  const total = guesses.reduce((sum, guess) => sum + (guess ? points(guess) : 0), 0);
  return (
    <>
      <Rules far={rounds?.far ?? 0.1} />
      <Score game={game} guesses={guesses} total={total} />
      {game.made && rounds && (
        <Ranking example={rounds.examples[game.round] ?? game.first} game={game} about={about} />
      )}
      {game.moves.length > 0 && (
        <button
          type="button"
          class="after-table"
          onClick={() => game.restart(game.first)}
        >
          Play these examples again
        </button>
      )}
    </>
  );
}

/** How it is played, how it is made easier, and a hint. */
function Rules({ far }: { readonly far: number }): JSX.Element {
  const [isOpen, setOpen] = useFlag("seen");
  return (
    <>
      <h2>Lower the cost with one small move</h2>
      <p>
        Choose a neuron, then move its weighted input z by {far}, up or down. Up to 100 points for
        the share of the best decrease that there is.
      </p>
      <label class="seen">
        <input
          type="checkbox"
          checked={isOpen}
          onChange={(event) => setOpen(event.currentTarget.checked)}
        />{" "}
        show δ before the move (easy)
      </label>
      <details class="hint">
        <summary>Hint</summary>
        <p>
          Which output is far from what it should be, and not yet stuck at 0 or 1? Push its z the
          right way. With δ in sight: the largest |δ|, against its sign.
        </p>
      </details>
    </>
  );
}

interface ScoreProps {
  readonly game: GameState;
  readonly guesses: readonly (Guess | null)[];
  readonly total: number;
}

function Score({ game, guesses, total }: ScoreProps): JSX.Element {
  const rows = game.moves.map((_, i) => scoreOf(game, i, guesses[i] ?? null));
  return (
    <>
      <h2>
        Score: {total} of {100 * Math.max(1, game.moves.length)}
      </h2>
      {rows.length > 0 && (
        <Table
          caption="your moves"
          quiet
          head={["round", "layer, neuron", "rank", "C changed", "points"]}
          rows={rows}
          chosen={game.round}
        />
      )}
      {rows.length === ROUNDS && (
        <p>
          The demon’s rule: sit where |δ| is largest, and move z against the sign of δ. That is why
          δ is called the error of a neuron.
        </p>
      )}
    </>
  );
}

/** One round as a row: a button to look at it, the move, and what it brought. */
function scoreOf(game: GameState, round: number, guess: Guess | null): (string | JSX.Element)[] {
  const move = game.moves[round];
  const look = (
    <button
      type="button"
      class="quiet"
      aria-label={`round ${round + 1}`}
      onClick={() => game.goTo(round)}
    >
      {round + 1}
    </button>
  );
  return [
    look,
    move ? `${move.layer}, ${move.neuron} ${move.up ? "up" : "down"}` : "",
    guess ? ordinal(guess.rank) : "",
    guess ? signed(guess.real, 3) : "",
    guess ? String(points(guess)) : "",
  ];
}

interface RankingProps {
  readonly example: string;
  readonly game: GameState;
  readonly about: About;
}

/** What is revealed after the move: the neurons by |δ|. */
function Ranking({ example, game, about }: RankingProps): JSX.Element {
  const { step } = useMoment();
  const move = useMove();
  const answer = useAnswer<{ rows: readonly Ranked[]; of: number }>(
    "demon.ranking",
    step === null ? null : { step, example },
  );
  if (!answer.value) return <Pending of={answer} />;
  const { rows, of } = answer.value;
  const { made } = game;
  const last = about.sizes.length - 1;
  return (
    <section aria-busy={!answer.current}>
      <h2>
        Neurons by |δ|, the first {rows.length} of {of}
      </h2>
      <Table
        caption="neurons by the size of their errors"
        quiet
        head={["rank", "layer, neuron", "δ", "C at best"]}
        rows={rows.map((r) => [
          String(r.rank),
          `${r.layer}, ${r.neuron}${r.layer === last ? " (output)" : ""}`,
          signed(r.delta, 3),
          signed(r.real, 3),
        ])}
        chosen={rows.findIndex((r) => r.layer === made?.layer && r.neuron === made.neuron)}
      />
      <button
        type="button"
        class="after-table"
        onClick={() => move({ game: 0, example, ...(rows[0] && placeOf(rows[0])) })}
      >
        Look at the best one
      </button>
    </section>
  );
}

function placeOf({ layer, neuron }: Ranked): { layer: number; neuron: number } {
  return { layer, neuron };
}
