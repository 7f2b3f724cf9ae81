// @vitest-environment jsdom
import { signal } from "@preact/signals";
import { render } from "preact";
import { expect, test } from "vitest";
import { engineByHand, rested } from "../../engine/by-hand";
import { Page, PageContext } from "../../page";
import type { Place } from "../../place";
import { Arguments } from "./arguments";
import type { Drawn } from "./questions";

const drawn = {
  arguments: [{ name: "a", numbers: [2], short: "2", type: "float" }],
} as unknown as Drawn;

test("a number that is typed stays while the engine has not answered to it", async () => {
  const place = signal<Place>({ screen: "graph", params: {} });
  const page = new Page(engineByHand().engine, place);
  const root = document.createElement("div");
  document.body.append(root);
  render(
    <PageContext.Provider value={page}>
      <Arguments drawn={drawn} />
    </PageContext.Provider>,
    root,
  );
  const field = root.querySelector("input") as HTMLInputElement;
  const type = async (text: string): Promise<void> => {
    field.focus();
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await rested();
  };
  await type("3.10");
  expect(field.value).toBe("3.10");
  await type("3.105");
  expect(place.value.params["inputs"]).toBe("a=3.105");
  field.blur();
  await rested();
  expect(field.value).toBe("3.105");
});
