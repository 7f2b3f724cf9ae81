// @vitest-environment jsdom
import { signal } from "@preact/signals";
import { render } from "preact";
import { expect, test } from "vitest";
import { engineByHand, rested } from "../../engine/by-hand";
import { Page, PageContext } from "../../page";
import { EtaControl } from "./eta";

/** The control on a page, as the engine says what its rate is. */
function shown() {
  const { engine, asked } = engineByHand();
  const page = new Page(engine, signal({ screen: "train", params: {} }));
  const place = document.createElement("div");
  const says = (eta: number): void =>
    render(
      <PageContext.Provider value={page}>
        <EtaControl eta={eta} disabled={false} />
      </PageContext.Provider>,
      place,
    );
  says(1);
  const slider = place.querySelector<HTMLInputElement>("input[type=range]") as HTMLInputElement;
  const drag = (power: number): void => {
    slider.value = String(power);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const wishes = () => asked.filter(({ question }) => question === "train.eta");
  return { says, drag, wishes, text: () => slider.getAttribute("aria-valuetext") };
}

const passed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("what the engine says of an earlier choice does not take back a later one", async () => {
  const { says, drag, wishes, text } = shown();
  drag(1);
  await rested();
  drag(2);
  says(10); // the engine has taken the first
  await rested();
  expect(text()).toBe("100");
  await passed(150);
  wishes()[0]?.answer({});
  await rested();
  expect(wishes().map(({ params }) => params["eta"])).toEqual([10, 100]);
  wishes()[1]?.answer({});
  await rested();
  says(100);
  await rested();
  says(1); // rewound
  await passed(150);
  await rested();
  expect(text()).toBe("1");
});

test("a rewind right after a choice is shown, too", async () => {
  const { says, drag, wishes, text } = shown();
  drag(2);
  await rested();
  wishes()[0]?.answer({});
  await rested();
  says(100);
  await rested();
  says(1); // while the slider still waits for what may come next
  await passed(150);
  await rested();
  expect(text()).toBe("1");
});

test("a rate that the engine refuses is taken back", async () => {
  const { drag, wishes, text } = shown();
  drag(2);
  await rested();
  expect(text()).toBe("100");
  wishes()[0]?.refuse("no such rate");
  await rested();
  expect(text()).toBe("1");
});
