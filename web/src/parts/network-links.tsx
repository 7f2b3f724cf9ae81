import type { JSX } from "preact";
import { largest } from "./colours";
import { middleOf, widthOf, type Block } from "./network-layout";

/** A connection: the weight to a neuron of layer `layer` from one of the layer before. */
export interface Link {
  readonly layer: number;
  readonly to: number;
  readonly from: number;
  readonly weight: number;
}

const THICKEST = 3;

/** Connections as lines, as thick as their weights are large; dashed where these are negative. */
export function Links(props: {
  readonly blocks: readonly Block[];
  readonly links: readonly Link[];
}): JSX.Element {
  const { blocks, links } = props;
  const most = largest(links.map((link) => link.weight)) || 1;
  return (
    <svg class="network-links" aria-hidden="true" width={widthOf(blocks)} height="100%">
      {links.map(({ layer, to, from, weight }) => {
        const [before, after] = [blocks[layer - 1], blocks[layer]];
        if (!before || !after) return null;
        const [a, b] = [middleOf(before, from), middleOf(after, to)];
        return (
          <line
            key={`${layer} ${to} ${from}`}
            class={weight < 0 ? "minus" : "plus"}
            x1={a.x}
            y1={a.y}
            x2={b.x}
            y2={b.y}
            stroke-width={Math.max(0.5, (THICKEST * Math.abs(weight)) / most)}
          />
        );
      })}
    </svg>
  );
}
