// What the two costs make of one output neuron.
import type { JSX } from "preact";
import type { Tensor } from "../../engine/wire";
import { short } from "../../format";
import { Num } from "../../parts/number";
import { Pending } from "../../parts/problem";
import { Table } from "../../parts/table";
import { useOutput, useTwoCosts, type TwoCosts, type UnderCost } from "./two-costs";

export function CostsInspector(): JSX.Element {
  const output = useOutput();
  const both = useTwoCosts(output);
  const j = output.neuron;
  if (!both.value) return <Pending of={both} />;
  const { costs, ratio } = both.value;
  const [first, second] = costs;
  return (
    <>
      <h2>Output neuron {j}</h2>
      <Table
        caption={`Output neuron ${j} under both costs`}
        quiet
        head={["cost", first.name, second.name]}
        rows={rowsOf(both.value, j)}
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

/** The numbers of output neuron j, those that the cost changes side by side. */
function rowsOf({ z, a, y, slope, costs: [first, second] }: TwoCosts, j: number): JSX.Element[][] {
  const alike = (name: string, x: Tensor, kind?: "value"): JSX.Element[] => {
    const number = <Num x={x.at(j)} {...(kind && { kind })} />;
    return [<>{name}</>, number, number];
  };
  const apart = (name: string, of: (cost: UnderCost) => Tensor): JSX.Element[] => [
    <>{name}</>,
    ...[first, second].map((cost) => <Num x={of(cost).at(j)} kind="gradient" />),
  ];
  return [
    alike("z", z, "value"),
    alike("a", a, "value"),
    alike("target y", y),
    apart("∂C/∂a", (cost) => cost.delta_a),
    ...(slope.shape.length === 1 ? [alike("σ′(z)", slope)] : []),
    apart("δ = ∂C/∂z", (cost) => cost.delta),
  ];
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
