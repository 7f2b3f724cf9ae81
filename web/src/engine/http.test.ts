import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EngineEvent } from "./engine";
import { httpEngine } from "./http";
import { AGAIN_AFTER, RESTS_AFTER } from "./stream";

/** A stream of events that the test writes. */
class Source extends EventTarget {
  static CLOSED = 2;
  static all: Source[] = [];
  readyState = 1;
  constructor(readonly url: string) {
    super();
    Source.all.push(this);
  }
  static get latest(): Source {
    return Source.all.at(-1) as Source;
  }
  close(): void {
    this.readyState = Source.CLOSED;
  }
  says(name: string, lastEventId: string, data = "{}"): void {
    this.dispatchEvent(new MessageEvent(name, { data, lastEventId }));
  }
  breaks(readyState = 0): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }
}

class Sight extends EventTarget {
  visibilityState = "visible";
  becomes(state: string): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

let sight: Sight;

beforeEach(() => {
  vi.useFakeTimers();
  sight = new Sight();
  Source.all = [];
  vi.stubGlobal("document", sight);
  vi.stubGlobal("EventSource", Source);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function answering(status: number, edition: string): void {
  const headers = { "Chainrule-Edition": edition };
  const response = new Response('{"error":"no"}', { status, headers });
  vi.stubGlobal("fetch", () => Promise.resolve(response));
}

function listening(engine = httpEngine()): [string[], () => void] {
  const heard: string[] = [];
  return [heard, engine.listen((event) => heard.push(event.name))];
}

test("events are told, and their numbers are those of answers", () => {
  const heard: EngineEvent[] = [];
  const stop = httpEngine().listen((event) => heard.push(event));
  Source.latest.says("training", "a-1", '{"cost":{"$float":"inf"}}');
  expect(heard).toEqual([{ name: "training", facts: { cost: Infinity } }]);
  stop();
  expect(Source.latest.readyState).toBe(Source.CLOSED);
});

test("all is asked anew when a stream begins in another edition than was heard of", () => {
  const [heard] = listening();
  Source.latest.says("begun", "a-0");
  Source.latest.says("steps", "a-1");
  Source.latest.breaks();
  Source.latest.says("begun", "a-1");
  Source.latest.says("begun", "a-2");
  Source.latest.says("begun", "b-2");
  expect(heard).toEqual([
    "begun", "steps", "lost", "begun", "begun", "forgotten", "begun", "forgotten",
  ]);
});

test("what happened between an answer and the beginning of the stream is noticed", async () => {
  const engine = httpEngine();
  const [heard] = listening(engine);
  answering(400, "a-3");
  await expect(engine.ask("session.steps", {})).rejects.toThrow();
  answering(400, "a-4"); // of two answers the older one counts
  await expect(engine.ask("session.steps", {})).rejects.toThrow();
  Source.latest.says("begun", "a-4");
  expect(heard).toEqual(["begun", "forgotten"]);
});

test("an answer of before the stream that comes after it has begun is asked for anew", async () => {
  const engine = httpEngine();
  const [heard] = listening(engine);
  answering(400, "a-3");
  const asked = engine.ask("session.steps", {});
  Source.latest.says("begun", "a-4");
  await expect(asked).rejects.toThrow();
  expect(heard).toEqual(["begun", "forgotten"]);
});

test("what was not answered is asked anew when events come again", async () => {
  const engine = httpEngine();
  const [heard] = listening(engine);
  Source.latest.says("begun", "a-0");
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  await expect(engine.ask("session.steps", {})).rejects.toThrow("does not answer");
  Source.latest.says("begun", "a-0");
  expect(heard).toEqual(["begun", "begun", "forgotten"]);
});

test("a page that is out of sight for a while hears nothing until it is looked at", () => {
  const [heard, stop] = listening();
  Source.latest.says("begun", "a-0");
  sight.becomes("hidden");
  vi.advanceTimersByTime(RESTS_AFTER - 1);
  sight.becomes("visible");
  vi.advanceTimersByTime(2 * RESTS_AFTER);
  expect(Source.all.map((s) => s.readyState)).toEqual([1]);
  sight.becomes("hidden");
  vi.advanceTimersByTime(RESTS_AFTER);
  expect(Source.all.map((s) => s.readyState)).toEqual([2]);
  sight.becomes("visible");
  expect(Source.all.map((s) => s.readyState)).toEqual([2, 1]);
  Source.latest.says("begun", "a-5");
  expect(heard).toEqual(["begun", "begun", "forgotten"]);
  stop();
  sight.becomes("visible");
  expect(Source.all.map((s) => s.readyState)).toEqual([2, 2]);
});

test("a page that was opened out of sight hears nothing yet, and asks all the same", async () => {
  sight.visibilityState = "hidden";
  const engine = httpEngine();
  const [heard] = listening(engine);
  expect(Source.all).toEqual([]);
  answering(400, "a-1");
  await expect(engine.ask("session.steps", {})).rejects.toThrow("no");
  sight.becomes("visible");
  Source.latest.says("begun", "a-1");
  expect(heard).toEqual(["begun"]);
});

test("a server that refuses the page is told from one that is gone, and tried again", async () => {
  const facts: unknown[] = [];
  httpEngine().listen((event) => facts.push([event.name, event.facts["refused"]]));
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("", { status: 403 })));
  Source.latest.breaks();
  Source.latest.breaks(Source.CLOSED);
  await vi.advanceTimersByTimeAsync(AGAIN_AFTER - 1);
  expect([facts, Source.all.length]).toEqual([[["lost", false], ["lost", true]], 1]);
  await vi.advanceTimersByTimeAsync(1);
  expect(Source.all).toHaveLength(2);
});

test("what is refused is said in the server's words", async () => {
  const answers = [
    new Response('{"error":"step 9 is not kept"}', { status: 400 }),
    new Response("refused: the token is missing or wrong\n", { status: 403 }),
    new Response("", { status: 502 }),
  ];
  vi.stubGlobal("fetch", () => Promise.resolve(answers.shift()));
  const { ask } = httpEngine();
  await expect(ask("session.record", {})).rejects.toThrow("step 9 is not kept");
  await expect(ask("session.record", {})).rejects.toThrow("refused: the token is missing");
  await expect(ask("session.record", {})).rejects.toThrow("status 502");
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  await expect(ask("session.record", {})).rejects.toThrow("is it still running in its terminal?");
});
