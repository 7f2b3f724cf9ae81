import { describe, expect, it } from "vitest";
import { Tensor } from "../../engine/wire";
import type { About } from "../../moment";
import { picked } from "./confusion";
import { parts, told } from "./gallery";
import { decodeInk, encodeInk, LEVELS, withStroke } from "./ink";
import { ANY, possibleViews, type Gallery } from "./questions";
import { target } from "../../parts/roving";

const about: About = {
  name: "net", sizes: [4, 2], activations: ["sigmoid"], cost: "quadratic", data: "data",
  classes: ["cat", "dog"], features: [], shape: [2, 2], target: "animal",
  examples: { test: 3, train: 3 }, eta: 1, batch_size: 1,
};

describe("ink", () => {
  it("is written as the engine writes it", () => {
    expect(encodeInk(Uint8Array.of(0, 15, 15, 0))).toBe("D/A=");
    expect([...decodeInk("D/A=", 4)]).toEqual([0, 15, 15, 0]);
    expect([...decodeInk("D/A=", 3)]).toEqual([0, 15, 15]);
  });

  it("of any drawing comes back", () => {
    const ink = Uint8Array.from({ length: 81 }, (_, i) => (7 * i) % 16);
    expect(decodeInk(encodeInk(ink), 81)).toEqual(ink);
  });

  it("that is no text of a drawing is blank", () => {
    expect([...decodeInk("*", 3)]).toEqual([0, 0, 0]);
    expect([...decodeInk("", 2)]).toEqual([0, 0]);
  });

  it("is full on a stroke, fades beside it, and is nowhere else", () => {
    const ink = withStroke(new Uint8Array(100), 10, [2.5, 5.5], [7.5, 5.5]);
    expect([...ink.slice(52, 58)]).toEqual(Array.from({ length: 6 }, () => LEVELS));
    const [above, far] = [ink[45] ?? 0, ink[25] ?? 0];
    expect(above).toBeGreaterThan(0);
    expect(above).toBeLessThan(LEVELS);
    expect(far).toBe(0);
    expect([...ink.slice(40, 50)]).toEqual([...ink.slice(60, 70)]); // the same on both sides
  });

  it("is never taken away by another stroke", () => {
    const once = withStroke(new Uint8Array(100), 10, [5, 1], [5, 9]);
    const twice = withStroke(once, 10, [1, 5], [9, 5]);
    expect(once.every((level, i) => level <= (twice[i] ?? 0))).toBe(true);
  });

  it("of a stroke without length is a dot", () => {
    const ink = withStroke(new Uint8Array(25), 5, [2.5, 2.5], [2.5, 2.5]);
    expect(ink[12]).toBe(LEVELS);
    expect(ink[0]).toBe(0);
  });
});

describe("arrow keys", () => {
  it.each([
    ["ArrowRight", 4, 5], ["ArrowLeft", 4, 3], ["ArrowUp", 4, 1], ["ArrowDown", 4, 7],
    ["Home", 4, 0], ["End", 4, 7], ["ArrowUp", 1, 1], ["ArrowLeft", 0, 0], ["ArrowDown", 7, 7],
  ])("%s leads from %i to %i of 8 in rows of 3", (key, from, to) => {
    expect(target(key, from, 8, 3)).toBe(to);
  });

  it("are the only ones", () => {
    expect(target("a", 4, 8, 3)).toBeNull();
  });
});

describe("a cell of the confusion matrix", () => {
  const all = { show: "mistakes", label: ANY, said: ANY };

  it("chooses its mistakes, or those that are recognised", () => {
    expect(picked(all, 1, 0)).toEqual({ show: "mistakes", label: 1, said: 0 });
    expect(picked(all, 1, 1)).toEqual({ show: "all", label: 1, said: 1 });
  });

  it("gives way when it is chosen again", () => {
    expect(picked(picked(all, 1, 1), 1, 1)).toEqual(all);
  });
});

describe("an example", () => {
  const gallery: Gallery = {
    total: 1, page: 0, pages: 1, numbers: [7],
    costs: new Tensor([1], Float32Array.of(0.5)), x: null,
  };

  it("of classes is told by their names", () => {
    expect(told(about, { ...gallery, labels: [1], said: [0] }, 0)).toBe("dog → cat");
  });

  it("of numbers by these", () => {
    const targets = new Tensor([1, 2], Float32Array.of(1.5, -2));
    const outputs = new Tensor([1, 2], Float32Array.of(0.25, 1e-7));
    expect(parts(about, { ...gallery, targets, outputs }, 0)).toEqual(["1.5, -2", "0.25, 1e-07"]);
  });

  it("can be drawn where it is an image of classes and a network answers", () => {
    const facts = { brightest: 1, examples: 3, cost: 1, confusion: null };
    const overview = { ...facts, image: [2, 2] as const, drawable: true };
    expect(possibleViews(overview, true)).toEqual(["mistakes", "weights", "draw"]);
    expect(possibleViews(overview, false)).toEqual(["mistakes", "weights"]);
    expect(possibleViews({ ...overview, drawable: false }, true)).not.toContain("draw");
    expect(possibleViews({ ...overview, image: null }, true)).toEqual(["mistakes"]);
  });
});
