import type { JSX } from "preact";
import type { About } from "../../moment";
import { Num } from "../../parts/number";
import { Table } from "../../parts/table";
import type { Digit } from "./questions";

interface FeaturesProps {
  readonly digit: Digit;
  readonly about: About;
}

/** The inputs of an example of a table, with dC/dx. */
export function Features({ digit, about }: FeaturesProps): JSX.Element {
  const { x, unscaled, slope } = digit;
  const scaled = x.data.some((value, i) => value !== unscaled.at(i));
  const rows = Array.from(x.data, (value, i) => [
    about.features[i] ?? `x${i + 1}`,
    <Num key="unscaled" x={unscaled.at(i)} />,
    ...(scaled ? [<Num key="x" x={value} kind="value" />] : []),
    <Num key="slope" x={slope.at(i)} kind="gradient" sign />,
  ]);
  const head = ["feature", "value", ...(scaled ? ["scaled, x"] : []), "∂C/∂x"];
  return (
    <Table
      caption="What goes in, and how the cost changes with it"
      head={head}
      rows={rows}
    />
  );
}
