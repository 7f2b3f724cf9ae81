import { afterEach, expect, test, vi } from "vitest";
import type { EngineEvent } from "./engine";
import { httpEngine } from "./http";

/** A stream of events that the test writes. */
class Source extends EventTarget {
  static latest: Source;
  closed = false;
  constructor(readonly url: string) {
    super();
    Source.latest = this;
  }
  close(): void {
    this.closed = true;
  }
  says(name: string, data: string): void {
    this.dispatchEvent(new MessageEvent(name, { data }));
  }
}

afterEach(() => vi.unstubAllGlobals());

test("events are told; when the stream opened again, all is asked anew; its end is told", () => {
  vi.stubGlobal("EventSource", Source);
  const heard: EngineEvent[] = [];
  const stop = httpEngine().listen((event) => heard.push(event));
  Source.latest.dispatchEvent(new Event("open"));
  expect(heard.splice(0)).toEqual([{ name: "opened", facts: {} }]);
  Source.latest.says("training", '{"cost":{"$float":"inf"}}');
  expect(heard).toEqual([{ name: "training", facts: { cost: Infinity } }]);
  Source.latest.dispatchEvent(new Event("open"));
  expect(heard[1]).toEqual({ name: "forgotten", facts: {} });
  Source.latest.dispatchEvent(new Event("error"));
  expect(heard[2]).toEqual({ name: "lost", facts: {} });
  stop();
  expect(Source.latest.closed).toBe(true);
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
