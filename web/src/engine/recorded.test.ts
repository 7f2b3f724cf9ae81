// @vitest-environment node
import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { recordedEngine } from "./recorded";
import golden from "./wire.golden.json";
import type { Tensor } from "./wire";

const deflated = deflateSync(Buffer.from(golden.base64, "base64")).toString("base64");
const engine = recordedEngine({
  place: "#/demon",
  answers: { 'demon.curve {"dz":0.5,"step":0}': deflated },
  errors: { "demon.rank {}": "there is no layer 9" },
});

test("a file answers what it was saved with", async () => {
  const found = (await engine.ask("demon.curve", { step: 0, dz: 0.5 })) as Record<string, Tensor>;
  expect(Array.from(found["matrix"]?.row(1) ?? [])).toEqual([3, 4, 5]);
  await expect(engine.ask("demon.rank", {})).rejects.toThrow("there is no layer 9");
  expect(engine.live).toBe(false);
});

test("what it was not saved with it says", async () => {
  await expect(engine.ask("demon.curve", { step: 1, dz: 0.5 })).rejects.toThrow("one moment");
});
