import type { JSX } from "preact";

const PARTS = /([A-Za-zσ′]+)\[(\d+)\](?:\[([^\]]+)\])?/g;

/**
 * Names of the engine as they stand in texts: "w[2][7, 3]" with its layer above and its indices
 * below, "sigma'(z[1]) dz[1]" with σ′. An input has no layer, so its number stands below.
 */
export function Symbols({ text }: { readonly text: string }): JSX.Element {
  const written = text.replace(/sigma'/g, "σ′").replace(/'/g, "′");
  const nodes: (string | JSX.Element)[] = [];
  let end = 0;
  for (const found of written.matchAll(PARTS)) {
    const [whole, name = "", first, second] = found;
    nodes.push(written.slice(end, found.index), name);
    if (name === "x") nodes.push(<sub>{first}</sub>);
    else nodes.push(<sup>{first}</sup>);
    if (second !== undefined) nodes.push(<sub>{second.replace(", ", ",")}</sub>);
    end = found.index + whole.length;
  }
  return (
    <span class="symbols">
      {nodes}
      {written.slice(end)}
    </span>
  );
}
