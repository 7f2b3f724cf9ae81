import { expect, test } from "vitest";
import { keyOf } from "./engine";

test("a key does not depend on the order of parameters", () => {
  expect(keyOf("demon.curve", { step: 0, example: "8", dz: 0.5 })).toBe(
    'demon.curve {"dz":0.5,"example":"8","step":0}',
  );
});
