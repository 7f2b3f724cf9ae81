import { expect, test } from "vitest";
import { engineByHand } from "./engine/by-hand";
import type { Engine } from "./engine/engine";
import { Steps } from "./steps";

function engineOf(answers: readonly Promise<unknown>[]): Engine {
  let asked = 0;
  const none = Promise.reject(new Error("asked too often"));
  none.catch(() => undefined);
  return {
    live: true,
    ask: () => answers[asked++] ?? none,
    listen: () => () => undefined,
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test("they are asked for once, however many want them", async () => {
  const steps = new Steps(engineOf([Promise.resolve({ steps: [0] })]));
  expect(steps.known.value).toBeNull();
  steps.want();
  steps.want();
  await settled();
  expect(steps.known.value).toEqual([0]);
});

test("what is told holds, and an answer that was asked for before does not undo it", async () => {
  let answer: (value: unknown) => void = () => undefined;
  const late = new Promise((resolve) => (answer = resolve));
  const steps = new Steps(engineOf([late]));
  steps.want();
  steps.tell([0, 7]);
  answer({ steps: [0] });
  await settled();
  expect(steps.known.value).toEqual([0, 7]);
});

test("they are asked for anew after a failure, and when events may have been missed", async () => {
  const first = Promise.reject(new Error("no server"));
  const second = Promise.reject(new Error("no server"));
  second.catch(() => undefined);
  const later = [[0], [0, 3]].map((steps) => Promise.resolve({ steps }));
  const answers = [first, second, ...later];
  const steps = new Steps(engineOf(answers));
  steps.renew(); // nobody wants them
  steps.want();
  await settled();
  expect(steps.known.value).toBeNull();
  steps.want();
  await settled();
  expect(steps.known.value).toBeNull();
  steps.renew(); // whoever wanted them wants them still
  await settled();
  expect(steps.known.value).toEqual([0]);
  steps.renew();
  await settled();
  expect(steps.known.value).toEqual([0, 3]);
});

test("the first answer is shown though they are asked for again, and then the newer one", async () => {
  const { engine, asked } = engineByHand();
  const steps = new Steps(engine);
  steps.want();
  steps.renew();
  asked[0]?.answer({ steps: [0] });
  await settled();
  expect(steps.known.value).toEqual([0]);
  asked[1]?.answer({ steps: [0, 3] });
  await settled();
  expect(steps.known.value).toEqual([0, 3]);
  steps.renew();
  steps.renew();
  asked[3]?.answer({ steps: [0, 5] });
  asked[2]?.answer({ steps: [0, 4] });
  await settled();
  expect(steps.known.value).toEqual([0, 5]);
});
