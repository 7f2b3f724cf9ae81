// What answers the page's questions: a server, a notebook's kernel, or a file that holds answers.

export type Param = string | number | boolean | null | readonly Param[];
export type Params = Readonly<Record<string, Param>>;

/**
 * Something that happened in the engine, such as another step of training. A carrier's own are
 * "begun" (events come from now on), "forgotten" (some were missed: ask anew) and "lost".
 */
export interface EngineEvent {
  readonly name: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Engine {
  /** Whether new questions can be asked; a file only has the answers that it was saved with. */
  readonly live: boolean;
  /** The decoded answer to a question such as "demon.curve"; rejects with what went wrong. */
  ask(question: string, params: Params): Promise<unknown>;
  /** Have `listener` called with each event; returns what ends that. */
  listen(listener: (event: EngineEvent) => void): () => void;
}

/** A question and its parameters as one text, the same whatever the order of the parameters. */
export function keyOf(question: string, params: Params): string {
  const names = Object.keys(params).sort();
  return `${question} ${JSON.stringify(Object.fromEntries(names.map((n) => [n, params[n]])))}`;
}
