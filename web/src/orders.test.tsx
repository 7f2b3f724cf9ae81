// @vitest-environment jsdom
// A server, its answers and its events in every order that there can be: in the end the page shows
// what holds. Each order is played from the beginning, as one more sequence of choices.
import { signal } from "@preact/signals";
import { options, render, type JSX } from "preact";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { useAnswer } from "./engine/answers";
import { httpEngine } from "./engine/http";
import { useSteps } from "./moment";
import { Page, PageContext } from "./page";
import { follow } from "./screens/train/training";

const MANY = 300; // orders
const PATIENCE = 60_000; // ms: other processes may have the cores

type Choose = (of: number) => number;

/** Runs `play` once for each sequence of choices that it can make; says how often that was. */
async function everyWay(play: (choose: Choose) => Promise<void>): Promise<number> {
  let path: { readonly at: number; readonly of: number }[] = [];
  for (let runs = 1; ; runs += 1) {
    let depth = 0;
    await play((of) => {
      const choice = (path[depth] ??= { at: 0, of });
      depth += 1;
      return choice.at;
    });
    const last = path.findLastIndex(({ at, of }) => at + 1 < of);
    const next = path[last];
    if (!next) return runs;
    path = [...path.slice(0, last), { ...next, at: next.at + 1 }];
  }
}

class Source extends EventTarget {
  static CLOSED = 2;
  static latest: Source | null = null;
  readyState = 0;
  constructor() {
    super();
    Source.latest = this;
  }
  close(): void {
    this.readyState = Source.CLOSED;
    Source.latest = null;
  }
}

interface Asked {
  readonly question: string;
  readonly params: Readonly<Record<string, number>>;
  readonly reply: (answer: object | null, edition: string) => void;
  edition?: string;
  standing?: object;
  answer?: object;
}

interface Sent {
  readonly name: string;
  readonly id: string;
  readonly data: string;
}

/** A server whose training changes by a script, and all that is on its way to the page. */
class World {
  way = 0; // grows when training goes another way
  steps: readonly number[] = [0];
  points: readonly { step: number; way: number }[] = [{ step: 0, way: 0 }];
  standing: object = { status: "ready", report: 0, step: 0 };
  asked: Asked[] = [];
  private reported = 0;
  private edition = 0;
  private stream: Sent[] | null = null;

  constructor(
    private readonly script: ((world: World) => void)[],
    private breaks: number,
    /** The events that are listened to: others would only make more orders. */
    private readonly heard: readonly string[],
  ) {}

  tell(name: string, facts: object = {}): void {
    if (!this.heard.includes(name)) return;
    this.edition += 1;
    this.stream?.push({ name, id: `a-${this.edition}`, data: JSON.stringify(facts) });
  }

  report(status: string, seen: object = {}): void {
    this.reported += 1;
    this.standing = { status, report: this.reported, step: this.steps.at(-1) };
    this.tell("training", { ...this.standing, ...seen });
  }

  /** All that can happen next. */
  possible(): (() => void)[] {
    const source = Source.latest;
    const found = this.asked.map((one) => () => this.serve(one));
    const next = this.script[0];
    if (next) found.push(() => (this.script.shift(), next(this)));
    if (source && !this.stream) found.push(() => this.begin());
    if (source && this.stream?.[0]) found.push(() => this.deliver(source));
    if (source && this.stream && this.breaks > 0) found.push(() => this.break(source));
    return found;
  }

  private begin(): void {
    this.stream = [{ name: "begun", id: `a-${this.edition}`, data: "{}" }];
  }

  private deliver(source: Source): void {
    const { name, id, data } = this.stream?.shift() as Sent;
    source.dispatchEvent(new MessageEvent(name, { data, lastEventId: id }));
  }

  /** The connections break, and the browser connects again. */
  private break(source: Source): void {
    this.breaks -= 1;
    this.stream = null;
    for (const one of this.asked.splice(0)) one.reply(null, "");
    source.dispatchEvent(new Event("error"));
  }

  /** One of the things that a server does for an answer, the last of which is to send it. */
  private serve(one: Asked): void {
    if (one.answer) {
      this.asked.splice(this.asked.indexOf(one), 1);
      one.reply(one.answer, one.edition ?? "");
    } else if (one.question === "train.history" && !one.standing) {
      one.edition = `a-${this.edition}`;
      one.standing = this.standing;
    } else {
      one.edition ??= `a-${this.edition}`;
      one.answer = this.answer(one);
    }
  }

  private answer({ question, params, standing }: Asked): object {
    if (question === "session.steps") return { steps: this.steps };
    if (question === "session.record") return { way: this.way, ...params };
    const column = { $tensor: [0, [this.points.length]] };
    const beside = ["eta", "mean", "recent", "cost", "sample_cost", "sample_score"];
    const points = {
      ...Object.fromEntries(beside.map((name) => [name, column])),
      step: this.points.map((p) => p.step),
      epoch: this.points.map((p) => p.way),
      layers: {},
    };
    return { ...standing, points, ends: [] };
  }
}

function bytesOf(answer: object): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(answer));
  const head = 4 * Math.ceil(text.length / 4);
  const bytes = new Uint8Array(4 + head + 40).fill(32, 4, 4 + head);
  new DataView(bytes.buffer).setUint32(0, head, true);
  bytes.set(text, 4);
  return bytes.buffer;
}

async function settled(): Promise<void> {
  for (let i = 0; i < 12; i += 1) await Promise.resolve();
}

/** One order of what happens to a page, until nothing more can. */
async function played(world: World, choose: Choose, open: (page: Page) => void): Promise<void> {
  const fetched = (path: string, { body }: { body: string }): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const reply: Asked["reply"] = (answer, edition) => {
        if (!answer) reject(new TypeError("Failed to fetch"));
        else {
          const headers = { get: () => edition };
          resolve({ status: 200, headers, arrayBuffer: () => Promise.resolve(bytesOf(answer)) });
        }
      };
      const params = JSON.parse(body) as Asked["params"];
      world.asked.push({ question: path.replace("ask/", ""), params, reply });
    });
  vi.stubGlobal("fetch", fetched);
  const page = new Page(httpEngine(), signal({ screen: "train", params: {} }));
  page.open();
  open(page);
  await settled();
  for (let possible = world.possible(); possible.length > 0; possible = world.possible()) {
    possible[possible.length === 1 ? 0 : choose(possible.length)]?.();
    await settled();
  }
  page.close();
}

/** What a server does when it trains on, only says where it stands, or goes another way. */
const SCRIPTS: Readonly<Record<string, readonly ((world: World) => void)[]>> = {
  "a step": [
    (world) => {
      const step = world.steps.length;
      world.points = [...world.points, { step, way: world.way }];
      world.steps = [...world.steps, step];
      world.tell("steps", { steps: world.steps });
    },
    (world) => world.report("running", { point: { step: world.steps.at(-1), epoch: world.way } }),
  ],
  "a failure": [(world) => world.report("failed")],
  "another way": [
    (world) => {
      world.way += 1;
      world.steps = [0];
      world.points = [{ step: 0, way: world.way }];
    },
    (world) => world.tell("forgotten"),
    (world) => {
      world.tell("steps", { steps: [0] });
      world.report("ready", { point: { step: 0, epoch: world.way } });
    },
  ],
};

function scriptOf(names: readonly string[]): ((world: World) => void)[] {
  return names.flatMap((name) => SCRIPTS[name] ?? []);
}

beforeAll(() => {
  vi.stubGlobal("EventSource", Source);
  options.debounceRendering = (f) => f();
  options.requestAnimationFrame = (f) => queueMicrotask(f);
});
afterAll(() => vi.unstubAllGlobals());

test.each([
  [["a step"], 1], [["a failure"], 1], [["a step", "a failure"], 0], [["another way"], 0],
])("after %j and %i breaks the page knows how training went", async (names, breaks) => {
  const runs = await everyWay(async (choose) => {
    const world = new World(scriptOf(names), breaks, ["training", "forgotten"]);
    let known: ReturnType<typeof follow> | undefined;
    await played(world, choose, (page) => (known = follow(page)));
    const history = known?.history.value;
    expect(history?.standing).toEqual(world.standing);
    const points = history?.points.map((p) => ({ step: p.step, way: p.epoch }));
    expect(points).toEqual(world.points);
  });
  expect(runs).toBeGreaterThan(MANY);
}, PATIENCE);

function Steps(): JSX.Element {
  return <>{JSON.stringify(useSteps())}</>;
}

function Answer(): JSX.Element {
  const { value, current } = useAnswer<object>("session.record", { step: 0 });
  return <>{JSON.stringify({ ...value, current })}</>;
}

test.each([
  [["a step"], 1, Steps], [["another way"], 0, Steps], [["another way"], 0, Answer],
] as const)("after %j and %i breaks the page shows what holds", async (names, breaks, Shown) => {
  const listened = Shown === Steps ? ["steps", "forgotten"] : ["forgotten"];
  const root = document.createElement("div");
  const runs = await everyWay(async (choose) => {
    const world = new World(scriptOf(names), breaks, listened);
    await played(world, choose, (page) =>
      render(<PageContext.Provider value={page}><Shown /></PageContext.Provider>, root),
    );
    const now = { way: world.way, step: 0, current: true };
    expect(JSON.parse(root.textContent ?? "")).toEqual(Shown === Steps ? world.steps : now);
    render(null, root);
  });
  expect(runs).toBeGreaterThan(MANY);
}, PATIENCE);
