// Answers that were given once are kept, and components get them by a hook.
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { PageContext } from "../page";
import { keyOf, type Engine, type EngineEvent, type Params } from "./engine";

const KEPT = 300;

/** An engine with a memory of its latest answers. */
export class Answers {
  private kept = new Map<string, Promise<unknown>>();

  constructor(readonly engine: Engine) {}

  get(question: string, params: Params): Promise<unknown> {
    const key = keyOf(question, params);
    const known = this.kept.get(key);
    if (known) return known;
    const answer = this.engine.ask(question, params);
    this.kept.set(key, answer);
    answer.catch(() => this.kept.delete(key)); // what failed once may succeed later
    const oldest = this.kept.keys().next().value;
    if (this.kept.size > KEPT && oldest !== undefined) this.kept.delete(oldest);
    return answer;
  }

  forget(): void {
    this.kept.clear();
  }
}

export interface Answer<T> {
  /** The latest answer; that of the question before while the next is on its way. */
  readonly value?: T;
  readonly error?: string;
  readonly waiting: boolean;
  /** Whether `value` answers the question as it stands now. */
  readonly current: boolean;
}

interface Held<T> {
  key: string;
  value?: T;
  error?: string;
}

/**
 * The answer to a question, asked anew when its parameters change; `null` asks nothing. While one
 * question is on its way only the newest of those that follow waits: a drag asks no queue.
 */
export function useAnswer<T>(question: string, params: Params | null): Answer<T> {
  const page = useContext(PageContext);
  const [held, setHeld] = useState<Held<T>>({ key: "" });
  const wanted = useRef<{ readonly question: string; readonly params: Params } | null>(null);
  const busy = useRef(false);
  const alive = useAlive();
  const version = page.version.value;
  const key = params === null ? "" : `${version} ${keyOf(question, params)}`;
  wanted.current = params && { question, params };

  const askNewest = async (): Promise<void> => {
    if (busy.current) return;
    busy.current = true;
    let asked = "";
    while (alive.current && wanted.current !== null) {
      const now = wanted.current;
      const next = `${page.version.value} ${keyOf(now.question, now.params)}`;
      if (next === asked) break;
      asked = next;
      try {
        const value = (await page.answers.get(now.question, now.params)) as T;
        if (alive.current) setHeld({ key: next, value });
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (alive.current) setHeld({ key: next, error: text });
      }
    }
    busy.current = false;
  };
  useEffect(() => {
    if (key) void askNewest();
  }, [key]);
  return answerOf(held, key);
}

/** Whether the component is still there. */
function useAlive(): { readonly current: boolean } {
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  return alive;
}

/** What is held, as the answer to the question that stands now; its key is "" if there is none. */
function answerOf<T>(held: Held<T>, key: string): Answer<T> {
  const current = key !== "" && held.key === key;
  return {
    ...(held.value !== undefined && { value: held.value }),
    ...(current && held.error !== undefined && { error: held.error }),
    waiting: key !== "" && !current,
    current,
  };
}

/** Whether anything new can be asked: not of a file, nor of a server that does not answer. */
export function useLive(): boolean {
  const { engine, lost } = useContext(PageContext);
  return engine.live && !lost.value;
}

/** Ask something that changes the engine, such as a step of training: its answer is not kept. */
export function useAct(): (question: string, params?: Params) => Promise<unknown> {
  const page = useContext(PageContext);
  return (question, params = {}) => page.answers.engine.ask(question, params);
}

/** Call `listener` with each event of the engine. */
export function useEvents(listener: (event: EngineEvent) => void): void {
  const page = useContext(PageContext);
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => page.listen((event) => latest.current(event)), [page]);
}
