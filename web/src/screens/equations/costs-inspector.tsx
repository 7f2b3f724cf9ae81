// What the two costs make of one output neuron.
import type { JSX } from "preact";
import { short } from "../../format";
import { Num } from "../../parts/number";
import { Pending } from "../../parts/problem";
import { Table } from "../../parts/table";
import { useOutput, useTwoCosts } from "./two-costs";

export function CostsInspector(): JSX.Element {
  const output = useOutput();
  const both = useTwoCosts(output);
  const j = output.neuron;
  if (!both.value) return <Pending of={both} />;
  const { z, a, y, slope, costs, ratio } = both.value;
  const elementwise = slope.shape.length === 1;
  const [first, second] = costs;
  return (
    <>
      <h2>Output neuron {j}</h2>
      <Table
        caption={`Output neuron ${j} under both costs`}
        quiet
        head={["cost", first.name, second.name]}
        rows={[
          ["z", <Num x={z.at(j)} kind="value" />, <Num x={z.at(j)} kind="value" />],
          ["a", <Num x={a.at(j)} kind="value" />, <Num x={a.at(j)} kind="value" />],
          ["target y", <Num x={y.at(j)} />, <Num x={y.at(j)} />],
          [
            "∂C/∂a",
            <Num x={first.delta_a.at(j)} kind="gradient" />,
            <Num x={second.delta_a.at(j)} kind="gradient" />,
          ],
          ...(elementwise
            ? [["σ′(z)", <Num x={slope.at(j)} />, <Num x={slope.at(j)} />]]
            : []),
          [
            "δ = ∂C/∂z",
            <Num x={first.delta.at(j)} kind="gradient" />,
            <Num x={second.delta.at(j)} kind="gradient" />,
          ],
        ]}
      />
      {ratio !== null && (
        <p>
          Under {second.name} its error is <strong>{short(ratio)} times</strong> that under{" "}
          {first.name}.
        </p>
      )}
      <h2>Why</h2>
      <Reason second={second.name} />
    </>
  );
}

function Reason({ second }: { readonly second: string }): JSX.Element {
  if (second === "cross-entropy") {
    return (
      <p>
        Far from 0 the sigmoid is flat: σ′(z) is tiny. Under the quadratic cost δ is multiplied by
        it, so a neuron that is wrong and sure of it hardly learns. Under cross-entropy ∂C/∂a grows
        as σ′(z) shrinks, and their product is a − y: the more wrong, the faster.
      </p>
    );
  }
  if (second === "log-likelihood") {
    return (
      <p>
        Where softmax is sure, its outputs hardly move with z. Under the quadratic cost δ shrinks
        with that, so a network that is wrong and sure of it hardly learns. Under log-likelihood
        ∂C/∂a grows as much, and δ is a − y: the more wrong, the faster.
      </p>
    );
  }
  return (
    <p>
      δ is ∂C/∂a times σ′(z). No cost belongs to this activation as cross-entropy does to the
      sigmoid, so wherever σ′(z) is small, δ is small under both.
    </p>
  );
}
