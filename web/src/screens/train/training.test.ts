import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import { engineByHand, rested } from "../../engine/by-hand";
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

/** A page that hears of events, and its engine. */
function opened() {
  const { engine, asked, tell } = engineByHand();
  const page = new Page(engine, signal({ screen: "train", params: {} }));
  page.open();
  return { page, asked, tell };
}

test("an answer that events have overtaken does not bring the old step back", async () => {
  const { page, asked, tell } = opened();
  const known = follow(page);
  asked[0]?.answer(answer);
  await rested();
  expect(known.history.value?.standing.step).toBe(1);

  page.renew(); // begun anew: all is asked again, and an event is faster
  const now = { ...standing, step: 0, report: 5 };
  tell({ name: "training", facts: { ...now, point } });
  expect(known.history.value?.standing.step).toBe(0);
  asked[1]?.answer(answer);
  await rested();
  expect(known.history.value?.standing.step).toBe(0);
  expect(asked).toHaveLength(2);
});

test("what was told while an answer was awaited is added to it; after a gap all is asked", async () => {
  const { page, asked, tell } = opened();
  const known = follow(page);
  asked[0]?.answer(answer);
  await rested();
  page.renew();
  for (const report of [5, 6]) {
    tell({ name: "training", facts: { ...standing, step: report, report } });
  }
  asked[1]?.answer(answer);
  await rested();
  expect([known.history.value?.standing.step, asked.length]).toEqual([6, 2]);
  page.renew();
  tell({ name: "training", facts: { ...standing, step: 9, report: 9 } });
  asked[2]?.answer({ ...answer, step: 7, report: 7 }); // the eighth was missed
  await rested();
  expect([known.history.value?.standing.step, asked.length]).toEqual([6, 4]);
  asked[3]?.answer({ ...answer, step: 9, report: 9 });
  await rested();
  expect([known.history.value?.standing.step, asked.length]).toEqual([9, 4]);
});

test("a question that was not answered is asked again when there is something new", async () => {
  const { page, asked, tell } = opened();
  const known = follow(page);
  asked[0]?.answer({ ...answer, report: 3 });
  await rested();
  page.renew(); // what is shown holds no more
  asked[1]?.refuse("a mistake");
  await rested();
  expect(known.problem.value).toBe("a mistake");
  expect(asked).toHaveLength(2);
  tell({ name: "training", facts: { ...standing, point } });
  expect(asked).toHaveLength(3);
  asked[2]?.answer(answer);
  await rested();
  expect(known.history.value?.points).toEqual([]);
  expect(known.problem.value).toBe("");
});

test("an engine that was started anew counts from the beginning, and is believed", async () => {
  const { page, asked, tell } = opened();
  const known = follow(page);
  asked[0]?.answer(answer);
  await rested();
  page.renew();
  tell({ name: "training", facts: { ...standing, step: 1, report: 1 } });
  asked[1]?.answer({ ...answer, step: 0, report: 0 });
  await rested();
  expect(known.history.value?.standing.report).toBe(1);
});

test("a wish waits for the one before it", async () => {
  const { page, asked } = opened();
  const { wish } = follow(page);
  void wish("eta", { eta: 0.1 });
  void wish("start");
  await rested();
  expect(asked.map((a) => a.question)).toEqual(["train.history", "train.eta"]);
  asked[1]?.answer(null);
  await rested();
  expect(asked.map((a) => a.question)).toEqual(["train.history", "train.eta", "train.start"]);
});

test("an event that is faster than the first answer is not lost", async () => {
  const { page, asked, tell } = opened();
  const known = follow(page);
  tell({ name: "training", facts: { ...standing, step: 2, report: 5 } });
  asked[0]?.answer(answer); // from before
  await rested();
  expect([known.history.value?.standing.step, asked.length]).toEqual([2, 1]);
});

test("why a wish was refused stays to be read when the history is asked for again", async () => {
  const { page, asked } = opened();
  const { problem, wish } = follow(page);
  asked[0]?.refuse("no network");
  await rested();
  expect(problem.value).toBe("no network");
  page.renew();
  asked[1]?.answer(answer);
  await rested();
  expect(problem.value).toBe("");
  const taken = wish("rewind", { step: 9 });
  await rested();
  asked[2]?.refuse("there is no step 9");
  expect(await taken).toBe(false);
  page.renew();
  asked[3]?.answer(answer);
  await rested();
  expect(problem.value).toBe("there is no step 9");
});
