import { expect, test, vi } from "vitest";
import { placeOf } from "../place";
import golden from "./wire.golden.json";
import type { Tensor } from "./wire";
import { placeInWidget, widgetEngine, type WidgetModel } from "./widget";

/** A model without a kernel: what is sent is kept, and `says` is what the kernel says. */
class Model implements WidgetModel {
  readonly sent: { id: string; ask: string; params: unknown }[] = [];
  readonly listeners = new Map<string, Set<(...args: never[]) => void>>();
  saved = 0;

  constructor(private readonly traits: Record<string, unknown> = { at: "#/graph" }) {}

  get(name: string): unknown {
    return this.traits[name];
  }
  set(name: string, value: unknown): void {
    this.traits[name] = value;
    for (const listener of this.listeners.get(`change:${name}`) ?? []) listener();
  }
  save_changes(): void {
    this.saved += 1;
  }
  send(content: unknown): void {
    this.sent.push(content as Model["sent"][number]);
  }
  on(event: string, listener: (...args: never[]) => void): void {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener));
  }
  off(event: string, listener: (...args: never[]) => void): void {
    this.listeners.get(event)?.delete(listener);
  }
  says(content: unknown, ...buffers: DataView[]): void {
    const heard = this.listeners.get("msg:custom") as Set<(c: unknown, b: DataView[]) => void>;
    for (const listener of heard) listener(content, buffers);
  }
}

/** The golden answer in the middle of a larger buffer, where no float32 could begin. */
function answer(): DataView {
  const bytes = Uint8Array.from(atob(golden.base64), (c) => c.charCodeAt(0));
  const larger = new Uint8Array(bytes.length + 9);
  larger.set(bytes, 3);
  return new DataView(larger.buffer, 3, bytes.length);
}

test("answers find their questions in whatever order they come", async () => {
  const model = new Model();
  const engine = widgetEngine(model);
  const first = engine.ask("demon.curve", { step: 0 });
  const second = engine.ask("demon.rank", {});
  const [one, two] = model.sent;
  expect([one?.ask, one?.params]).toEqual(["demon.curve", { step: 0 }]);
  model.says({ id: two?.id, error: "there is no layer 9" });
  model.says({ id: one?.id }, answer());
  await expect(second).rejects.toThrow("there is no layer 9");
  const found = (await first) as Record<string, Tensor>;
  expect(Array.from(found["matrix"]?.row(1) ?? [])).toEqual([3, 4, 5]);
});

test("two cells of one widget do not take each other's answers", async () => {
  const model = new Model();
  const cells = [widgetEngine(model), widgetEngine(model)];
  const asked = cells.map((cell) => cell.ask("session.steps", {}));
  expect(new Set(model.sent.map((m) => m.id)).size).toBe(2);
  model.says({ id: model.sent[1]?.id, error: "the second" });
  model.says({ id: model.sent[0]?.id, error: "the first" });
  await expect(asked[0]).rejects.toThrow("the first");
  await expect(asked[1]).rejects.toThrow("the second");
});

test("events tell numbers that JSON has not, until the cell is closed", () => {
  const model = new Model();
  const engine = widgetEngine(model);
  const heard: unknown[] = [];
  engine.listen((event) => heard.push(event));
  model.says({ event: "training", facts: { cost: { $float: "nan" }, steps: [1, 2] } });
  expect(heard).toEqual([{ name: "training", facts: { cost: NaN, steps: [1, 2] } }]);
  engine.close();
  model.says({ event: "training", facts: {} });
  expect(heard).toHaveLength(1);
});

test("the kernel knows the place, and can move it", () => {
  vi.useFakeTimers();
  const model = new Model({ at: "#/demon?example=8" });
  const [place, close] = placeInWidget(model);
  expect(place.value).toEqual(placeOf("#/demon?example=8"));
  vi.runAllTimers();
  expect(model.saved).toBe(0);
  for (const layer of ["1", "2"]) place.value = { screen: "chain", params: { layer } };
  vi.runAllTimers();
  expect([model.get("at"), model.saved]).toEqual(["#/chain?layer=2", 1]);
  model.set("at", "#/check");
  expect(place.value.screen).toBe("check");
  vi.runAllTimers();
  expect(model.saved).toBe(1);
  close();
  model.set("at", "#/train");
  expect(place.value.screen).toBe("check");
  vi.useRealTimers();
});
