// Training as this page knows it, kept up to date by events; all parts of the screen share it.
import { signal, type Signal } from "@preact/signals";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { useMoment } from "../../moment";
import { PageContext, type Page } from "../../page";
import { historyOf, withReport, type Answered, type History, type Told } from "./history";

/** Gives whether the engine has taken it. */
type Wish = (name: string, params?: Record<string, string | number>) => Promise<boolean>;

interface Known {
  readonly history: Signal<History | null>;
  readonly problem: Signal<string>;
  readonly wish: Wish;
}

const OF_PAGE = new WeakMap<Page, Known>();

/** How training went, or null until it is known, what went wrong, and wishes for it. */
export function useTraining(): Known {
  const page = useContext(PageContext);
  let known = OF_PAGE.get(page);
  if (!known) {
    known = follow(page);
    OF_PAGE.set(page, known);
  }
  return known;
}

/**
 * What a page knows of training: asked for once, then kept by reports. An answer is of some moment
 * since it was asked for; reports that came since then are added to it, unless it has them.
 */
export function follow(page: Page): Known {
  const history: Signal<History | null> = signal(null);
  const problem = signal("");
  let told: Told[] = []; // since the question on its way was asked
  let asking = false;
  let again = false;
  let whole = false; // whether reports can be added to what is shown
  let failed = "";
  const ask = async (): Promise<void> => {
    again = asking;
    if (asking) return;
    asking = true;
    whole = false;
    told = [];
    try {
      const found = historyOf((await page.answers.engine.ask("train.history", {})) as Answered);
      const now = told.reduce<History | null>((all, one) => all && withReport(all, one), found);
      // what was forgotten meanwhile may be in the answer
      if (now && !again) history.value = now;
      whole = !again && now !== null;
      again ||= now === null;
      if (problem.value === failed) problem.value = ""; // and not that a wish was refused
    } catch (error) {
      problem.value = failed = textOf(error);
    }
    asking = false;
    if (again) void ask();
  };
  page.version.subscribe(() => void ask()); // at first, and when steps were forgotten
  page.listen((event) => {
    if (event.name !== "training") return;
    const one = event.facts as unknown as Told;
    if (asking) told.push(one);
    const next = history.value && withReport(history.value, one);
    if (next) history.value = next;
    if (!asking && !(whole && next)) void ask();
  });
  return { history, problem, wish: wisher(page, problem) };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Asks the engine to change the training; what it refuses is told as the problem. */
function wisher({ answers }: Page, problem: Signal<string>): Wish {
  let before: Promise<unknown> = Promise.resolve();
  return (name, params = {}) => {
    problem.value = "";
    // each on a connection of its own, a later one could come first
    const taken = before
      .then(() => answers.engine.ask(`train.${name}`, params))
      .then(() => true)
      .catch((error: unknown) => {
        problem.value = textOf(error);
        return false;
      });
    before = taken;
    return taken;
  };
}

/** Have the reader go along with training, if the reader stands where it stands. */
export function useGoAlong(): void {
  const { history } = useTraining();
  const { step, newest, setStep } = useMoment();
  const standing = history.value?.standing;
  const before = useRef(standing);
  useEffect(() => {
    const was = before.current;
    before.current = standing;
    if (!standing || !was || was.step === standing.step) return;
    if (newest ? was.step === was.last : step === was.step) {
      setStep(standing.step < standing.last ? standing.step : null);
    }
  }, [standing?.step]);
}

/** A value that changes often, taken over at most every `ms` milliseconds; at once if that is 0. */
export function useCalm<T>(value: T, ms: number): T {
  const [, redraw] = useState(value);
  const latest = useRef(value);
  const shown = useRef(value);
  latest.current = value;
  if (ms === 0) shown.current = value; // so that what comes next begins here
  useEffect(() => {
    if (ms === 0) return;
    const timer = setInterval(() => {
      shown.current = latest.current;
      redraw(latest.current);
    }, ms);
    return () => clearInterval(timer);
  }, [ms]);
  return shown.current;
}
