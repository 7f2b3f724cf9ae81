import { expect, test } from "vitest";
import { blocksOf, middleOf, neighbour, neuronAt, widthOf, type Block } from "./network-layout";

const room = { width: 640, height: 250 };
const seed = blocksOf([784, 30, 10], [28, 28], room);

function isInside(block: Block): boolean {
  return block.top >= 0 && block.top + block.rows * block.cell <= room.height;
}

test("the seed network: an image, and circles in columns that fit", () => {
  expect(seed.map((b) => [b.rows, b.columns, b.isGrid])).toEqual([
    [28, 28, true],
    [10, 3, false],
    [10, 1, false],
  ]);
  expect(seed.every(isInside)).toBe(true);
  expect(widthOf(seed)).toBeCloseTo(room.width, 9);
});

test.each([61, 300, 2048, 5000])("a layer of %d neurons is a grid that fits", (n) => {
  const [block] = blocksOf([n, 1], [], room) as [Block];
  expect(block.isGrid && isInside(block)).toBe(true);
  expect(block.rows * block.columns).toBeGreaterThanOrEqual(n);
  expect(block.columns * block.cell).toBeLessThanOrEqual(168);
});

test("layers do not overlap, however many there are", () => {
  const blocks = blocksOf(Array<number>(40).fill(12), [], room);
  for (const [i, block] of blocks.entries()) {
    const next = blocks[i + 1];
    if (next) expect(block.left + block.columns * block.cell).toBeLessThan(next.left);
  }
  expect(widthOf(blocks)).toBeGreaterThan(room.width);
});

test("two layers of 2,048 neurons fit beside an image", () => {
  const blocks = blocksOf([784, 2048, 2048, 10], [28, 28], room);
  expect(widthOf(blocks)).toBeLessThanOrEqual(room.width);
  expect(blocks.every(isInside)).toBe(true);
  expect(blocks[0]?.cell).toBeGreaterThanOrEqual(4);
});

test("each neuron is found where it stands", () => {
  for (const block of seed) {
    for (let j = 0; j < block.neurons; j++) {
      const { x, y } = middleOf(block, j);
      expect(neuronAt(block, x - block.left, y - block.top)).toBe(j);
    }
    expect(neuronAt(block, -1, 0)).toBeNull();
    expect(neuronAt(block, 1, block.rows * block.cell + 1)).toBeNull();
  }
});

test("arrow keys reach every neuron, and stop at the edges", () => {
  const blocks = seed.slice(1);
  const seen = new Set<string>();
  const open = [{ layer: 1, neuron: 0 }];
  for (let place = open.pop(); place; place = open.pop()) {
    const name = `${place.layer} ${place.neuron}`;
    if (seen.has(name)) continue;
    seen.add(name);
    for (const key of ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]) {
      const next = neighbour(blocks, place, key);
      if (next) open.push(next);
    }
  }
  expect(seen.size).toBe(40);
  expect(neighbour(blocks, { layer: 1, neuron: 0 }, "ArrowLeft")).toBeNull();
  expect(neighbour(blocks, { layer: 2, neuron: 9 }, "ArrowDown")).toBeNull();
  expect(neighbour(blocks, { layer: 1, neuron: 7 }, "End")).toEqual({ layer: 1, neuron: 29 });
});
