// The error of each neuron over the depth, for every activation at once.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { useAnswer } from "../../engine/answers";
import { Plot, type Series } from "../../parts/plot";
import { Pending } from "../../parts/problem";
import type { Depth as Errors } from "./numbers";
import type { ChainState } from "./state";

const LOOKS: readonly Pick<Series, "colour" | "dash">[] = [
  { colour: "gradient" },
  { colour: "value" },
  { colour: "output-line" },
  { colour: "output-line", dash: [2, 3] },
  { colour: "group-line", dash: [6, 3] },
  { colour: "forward-line" },
  { colour: "soft", dash: [6, 3] },
];

export function Depth({ state }: { readonly state: ChainState }): JSX.Element {
  const answer = useAnswer<Errors>("chain.depth", { chain: state.text });
  const found = answer.value;
  const [layers, series] = useMemo(() => drawn(found), [found]);
  if (!found) return <Pending of={answer} />;
  const gone = Object.entries(found.delta)
    .filter(([, delta]) => delta.every((d) => d === 0))
    .map(([name]) => name);
  return (
    <div class="chain-figure">
      <Plot
        title="Error |δ| of each neuron, by activation"
        x={layers}
        xLabel="neuron"
        yLabel="|δ|, log axis"
        series={series}
        height={190}
        logY
        mark={state.at}
        onPick={(x) => state.setAt(Math.max(1, Math.min(layers.length, Math.round(x))))}
      />
      {gone.length > 0 && (
        <p class="soft">Exactly 0, so not on a log axis: {gone.join(", ")}.</p>
      )}
    </div>
  );
}

function drawn(found: Errors | undefined): [number[], Series[]] {
  const entries = Object.entries(found?.delta ?? {});
  const layers = (entries[0]?.[1] ?? []).map((_, i) => i + 1);
  const series = entries.map(([label, delta], i) => ({
    label,
    y: delta.map((d) => (d === 0 ? null : Math.abs(d))),
    points: true,
    ...(LOOKS[i % LOOKS.length] as (typeof LOOKS)[number]),
  }));
  return [layers, series];
}
