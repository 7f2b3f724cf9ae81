import { expect, test } from "vitest";
import golden from "./wire.golden.json";
import { decode, Tensor } from "./wire";

test("what Python encoded is read back", () => {
  const bytes = Uint8Array.from(atob(golden.base64), (c) => c.charCodeAt(0)).buffer;
  const found = decode(bytes) as Record<string, unknown>;
  const matrix = found["matrix"] as Tensor;
  expect(matrix.shape).toEqual([2, 3]);
  expect(Array.from(matrix.row(1))).toEqual([3, 4, 5]);
  expect(matrix.at(1, 2)).toBe(5);
  expect((found["scalar"] as Tensor).at()).toBe(0.5);
  expect(found["numbers"]).toEqual([1, 0.25, NaN, Infinity, -Infinity, null, true]);
  expect(found["text"]).toBe("δ^2");
});
