// @vitest-environment jsdom
import { signal } from "@preact/signals";
import { render } from "preact";
import { expect, test } from "vitest";
import { engineByHand, rested, type ByHand } from "../../engine/by-hand";
import { Page, PageContext } from "../../page";
import type { Place } from "../../place";
import { Inspector } from "./inspector";

const array = { name: "w1", shape: [4, 5], checked: 0, wrong: 0 };
const compared = { arrays: [array], images: {}, worst: [] };

function answerAll({ asked }: ByHand): void {
  for (const { question, params, answer } of asked) {
    if (question === "session.steps") answer({ steps: [0] });
    if (question === "check.compare") answer(compared);
    if (question === "check.curve") answer({ parameter: params["parameter"] || "w1*0*0" });
  }
}

test("one part of a parameter's name is chosen while the answer to another is awaited", async () => {
  const place = signal<Place>({ screen: "check", params: {} });
  const byHand = engineByHand();
  const root = document.createElement("div");
  render(
    <PageContext.Provider value={new Page(byHand.engine, place)}>
      <Inspector />
    </PageContext.Provider>,
    root,
  );
  for (let i = 0; i < 3; i++) {
    await rested();
    answerAll(byHand);
  }
  await rested();
  for (const [i, text] of [[0, "3"], [1, "2"]] as const) {
    const field = root.querySelectorAll<HTMLInputElement>("input[type=number]")[i];
    if (!field) throw new Error("there are no fields");
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await rested(); // and nothing is answered
  }
  expect(place.value.params["parameter"]).toBe("w1*3*2");
});
