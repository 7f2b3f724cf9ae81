// @vitest-environment jsdom
import { signal } from "@preact/signals";
import { render } from "preact";
import { expect, test } from "vitest";
import { engineByHand, rested } from "../../engine/by-hand";
import { Page, PageContext } from "../../page";
import type { Place } from "../../place";
import { useChoice } from "./choice";
import { KindSelect } from "./kind";

function Chosen() {
  return <KindSelect choice={useChoice([4, 3, 2])} />;
}

/** The field on a page whose training stands at step 0. */
async function shown() {
  const place = signal<Place>({ screen: "demon", params: {} });
  const { engine, asked } = engineByHand();
  const root = document.createElement("div");
  render(
    <PageContext.Provider value={new Page(engine, place)}>
      <Chosen />
    </PageContext.Provider>,
    root,
  );
  await rested();
  asked[0]?.answer({ steps: [0] });
  await rested();
  const choose = async (kind: string): Promise<void> => {
    const field = root.querySelector("select") as HTMLSelectElement;
    field.value = kind;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    await rested();
  };
  const strongest = () => asked.filter(({ question }) => question === "demon.strongest");
  return { place, choose, strongest };
}

test("a weight begins where the cost feels it most", async () => {
  const { place, choose, strongest } = await shown();
  await choose("weight");
  strongest()[0]?.answer({ from: 2, pixel: 1 });
  await rested();
  expect(place.value.params).toMatchObject({ nudge: "weight", from: "2" });
});

test("an answer that comes late does not undo what was chosen after it was asked for", async () => {
  const { place, choose, strongest } = await shown();
  await choose("weight");
  await choose("bias");
  strongest()[0]?.answer({ from: 2, pixel: 1 });
  await rested();
  expect(place.value.params["nudge"]).toBe("bias");
  await choose("input");
  place.value = { ...place.value, params: { ...place.value.params, neuron: "1" } };
  await rested();
  strongest()[1]?.answer({ from: 2, pixel: 1 });
  await rested();
  expect(place.value.params).toMatchObject({ nudge: "bias", neuron: "1" });
});

test("of two choices that wait for their answers the later one holds", async () => {
  const { place, choose, strongest } = await shown();
  await choose("weight");
  await choose("input");
  strongest()[0]?.answer({ from: 2, pixel: 1 });
  await rested();
  strongest()[1]?.answer({ from: 2, pixel: 1 });
  await rested();
  expect(place.value.params).toMatchObject({ nudge: "input", pixel: "1" });
});
