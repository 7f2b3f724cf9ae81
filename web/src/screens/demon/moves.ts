// A game: one move for each round, as its address holds them: "1.7d-2.4u" is neuron 7 of layer 1
// down, then neuron 4 of layer 2 up.
import { useAnswer, type Answer } from "../../engine/answers";
import { useMoment } from "../../moment";
import { useMove, useNumber, useText } from "../../place";
import type { Place } from "../../parts/network-layout";

export const ROUNDS = 5;

export interface GameMove extends Place {
  readonly up: boolean;
}

export function movesOf(text: string): GameMove[] {
  return text.split("-").flatMap((each) => {
    const found = /^(\d+)\.(\d+)([ud])$/.exec(each);
    return found
      ? [{ layer: Number(found[1]), neuron: Number(found[2]), up: found[3] === "u" }]
      : [];
  });
}

export function textOf(moves: readonly GameMove[]): string {
  return moves.map((m) => `${m.layer}.${m.neuron}${m.up ? "u" : "d"}`).join("-");
}

/** A neuron with its error, and what a move of it brings at its best. */
export interface Ranked extends Place {
  readonly rank: number;
  readonly delta: number;
  readonly predicted: number;
  readonly real: number;
}

/** The answer to demon.guess. */
export interface Guess {
  readonly real: number;
  readonly predicted: number;
  readonly delta: number;
  readonly cost: number;
  readonly rank: number;
  readonly of: number;
  readonly share: number;
  readonly best: Ranked;
}

export interface GameState {
  readonly first: string;
  readonly round: number;
  readonly moves: readonly GameMove[];
  /** The move of this round, if it is made. */
  readonly made: GameMove | null;
  readonly make: (move: GameMove) => void;
  readonly goTo: (round: number) => void;
  readonly restart: (first: string) => void;
}

export function useGame(): GameState {
  const { example } = useMoment();
  const [first] = useText("first", example);
  const [text] = useText("moves");
  const [asked] = useNumber("round", 0);
  const move = useMove();
  const moves = movesOf(text).slice(0, ROUNDS);
  const round = Math.max(0, Math.min(asked, moves.length, ROUNDS - 1));
  return {
    first,
    round,
    moves,
    made: moves[round] ?? null,
    make: (made) => move({ first, moves: textOf([...moves.slice(0, round), made]), round }),
    goTo: (next) => move({ round: next }),
    restart: (next) => move({ first: next, moves: "", round: 0 }),
  };
}

export interface Rounds {
  readonly examples: readonly string[];
  readonly next: string;
  /** How far a move goes. */
  readonly far: number;
}

export function useRounds(first: string): Answer<Rounds> {
  return useAnswer<Rounds>("demon.rounds", { example: first });
}

/** What each move of the game brought; nothing for rounds to come. */
export function useGuesses(game: GameState): readonly (Guess | null)[] {
  const rounds = useRounds(game.first);
  const examples = rounds.current ? (rounds.value?.examples ?? []) : [];
  const guess = (i: number): Guess | null => useGuess(examples[i], game.moves[i]);
  return [guess(0), guess(1), guess(2), guess(3), guess(4)]; // ROUNDS hooks, always the same
}

function useGuess(example: string | undefined, move: GameMove | undefined): Guess | null {
  const { step } = useMoment();
  const isAsked = step !== null && example !== undefined && move !== undefined;
  const asked = isAsked ? { step, example, ...move } : null;
  const answer = useAnswer<Guess>("demon.guess", asked);
  return answer.current ? (answer.value ?? null) : null;
}

/** "1st", "2nd", "3rd", "11th". */
export function ordinal(n: number): string {
  const tens = n % 100;
  const ending = tens >= 11 && tens <= 13 ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[n % 10] ?? "th");
  return `${n}${ending}`;
}

/** The points of a move: up to 100, for the share of the best decrease. */
export function points({ share }: Guess): number {
  return Math.round(100 * share);
}
