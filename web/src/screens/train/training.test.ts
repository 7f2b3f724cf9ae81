import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import type { Engine, EngineEvent } from "../../engine/engine";
import { Page } from "../../page";
import { follow } from "./training";

const standing = {
  status: "paused", message: "", step: 1, first: 0, last: 1, epoch: 1, batch: 1, batches: 6,
  batch_size: 5, eta: 3, seed: 0, rate: null, report: 4,
};
const point = {
  step: 0, epoch: 1, eta: 3, mean: 1, recent: 1, cost: 1, sample_cost: 1, sample_score: 1,
  layers: {},
};
const answer = {
  ...standing,
  points: {
    step: [], epoch: [], eta: [], mean: [], recent: [], cost: [], sample_cost: [],
    sample_score: [], layers: {},
  },
  ends: [],
};

/** An engine whose answers and events come when the test says so. */
function engineByHand() {
  const asked: string[] = [];
  const answers: ((value: unknown) => void)[] = [];
  const fails: ((why: Error) => void)[] = [];
  let tell: (event: EngineEvent) => void = () => undefined;
  const engine: Engine = {
    live: true,
    ask: (question) => {
      asked.push(question);
      return new Promise((resolve, reject) => {
        answers.push(resolve);
        fails.push(reject);
      });
    },
    listen: (listener) => {
      tell = listener;
      return () => undefined;
    },
  };
  return { engine, asked, answers, fails, tell: (event: EngineEvent) => tell(event) };
}

const rested = () => new Promise((resolve) => setTimeout(resolve));

test("an answer that events have overtaken does not bring the old step back", async () => {
  const { engine, answers, tell } = engineByHand();
  const page = new Page(engine, signal({ screen: "train", params: {} }));
  page.open();
  const known = follow(page);
  answers[0]?.(answer);
  await rested();
  expect(known.history.value?.standing.step).toBe(1);

  page.renew(); // begun anew: all is asked again, and an event is faster
  const now = { ...standing, step: 0, report: 5 };
  tell({ name: "training", facts: { ...now, point } });
  expect(known.history.value?.standing.step).toBe(0);
  answers[1]?.(answer);
  await rested();
  expect(known.history.value?.standing.step).toBe(0);
  answers[2]?.({ ...answer, ...now });
  await rested();
  expect(known.history.value?.standing.step).toBe(0);
});

test("a question that was not answered is asked again when there is something new", async () => {
  const { engine, asked, answers, fails, tell } = engineByHand();
  const page = new Page(engine, signal({ screen: "train", params: {} }));
  page.open();
  const known = follow(page);
  answers[0]?.({ ...answer, report: 3 });
  await rested();
  page.renew(); // what is shown holds no more
  fails[1]?.(new Error("a mistake"));
  await rested();
  expect(known.problem.value).toBe("a mistake");
  expect(asked).toHaveLength(2);
  tell({ name: "training", facts: { ...standing, point } });
  expect(asked).toHaveLength(3);
  answers[2]?.(answer);
  await rested();
  expect(known.history.value?.points).toEqual([]);
  expect(known.problem.value).toBe("");
});

test("an engine that was started anew counts from the beginning, and is believed", async () => {
  const { engine, answers } = engineByHand();
  const page = new Page(engine, signal({ screen: "train", params: {} }));
  page.open();
  const known = follow(page);
  answers[0]?.(answer);
  await rested();
  page.renew();
  const anew = { ...answer, step: 0, report: 0 };
  answers[1]?.(anew);
  await rested();
  answers[2]?.(anew);
  await rested();
  expect(known.history.value?.standing.report).toBe(0);
});

test("a wish waits for the one before it", async () => {
  const { engine, asked, answers } = engineByHand();
  const page = new Page(engine, signal({ screen: "train", params: {} }));
  page.open();
  const { wish } = follow(page);
  wish("eta", { eta: 0.1 });
  wish("start");
  await rested();
  expect(asked).toEqual(["train.history", "train.eta"]);
  answers[1]?.(null);
  await rested();
  expect(asked).toEqual(["train.history", "train.eta", "train.start"]);
});
