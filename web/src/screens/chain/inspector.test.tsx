// @vitest-environment jsdom
import { signal } from "@preact/signals";
import { render } from "preact";
import { expect, test } from "vitest";
import { engineByHand } from "../../engine/by-hand";
import { Page, PageContext } from "../../page";
import { OneNeuron } from "./inspector";
import type { ChainNumbers } from "./numbers";
import type { ChainState } from "./state";
import { FIRST } from "./text";

const one = [0.5];
const numbers = {
  z: one, a: [0.8, 0.5], slopes: one, delta: one, nabla_w: one, nabla_b: one, weights: [1],
  biases: [0],
} as unknown as ChainNumbers;

test("sliders of one neuron stand where they were put before the engine has answered", () => {
  const chain = { ...FIRST, ownW: { "1": 3 }, ownB: { "1": -2 } };
  const state = { chain, at: 1, set: () => undefined } as unknown as ChainState;
  const page = new Page(engineByHand().engine, signal({ screen: "chain", params: {} }));
  const place = document.createElement("div");
  render(
    <PageContext.Provider value={page}>
      <OneNeuron state={state} numbers={numbers} live />
    </PageContext.Provider>,
    place,
  );
  const said = [...place.querySelectorAll("input[type=range]")].map((slider) =>
    slider.getAttribute("aria-valuetext"),
  );
  expect(said).toEqual(["3", "-2"]);
});
