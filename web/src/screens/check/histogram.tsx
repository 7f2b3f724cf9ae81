// How many relative errors there are of each size.
import type { JSX } from "preact";
import { count } from "../../format";
import { TextForm } from "../../parts/text-form";
import type { Histogram as Counts } from "./answers";

const HEIGHT = 150;
const PAD = { left: 40, right: 8, top: 10, bottom: 32 };
const TITLE = "Relative errors, by power of ten";

interface HistogramProps {
  readonly counts: Counts;
  readonly width: number;
}

export function Histogram({ counts, width }: HistogramProps): JSX.Element {
  const { edges, right, wrong, zero } = counts;
  const most = Math.max(1, ...right.map((n, i) => n + (wrong[i] ?? 0)));
  const unit = (HEIGHT - PAD.top - PAD.bottom) / most;
  const step = (width - PAD.left - PAD.right) / right.length;
  const floor = HEIGHT - PAD.bottom;
  return (
    <figure class="check-histogram">
      <figcaption>{TITLE}</figcaption>
      <svg role="img" aria-label={`${TITLE}: see its numbers`} width={width} height={HEIGHT}>
        <line class="axis" x1={PAD.left} x2={width - PAD.right} y1={floor} y2={floor} />
        <text x={PAD.left - 4} y={PAD.top + 8} class="end">{count(most)}</text>
        <text x={PAD.left - 4} y={floor} class="end">0</text>
        {right.map((n, i) => {
          const bad = wrong[i] ?? 0;
          const box = { x: PAD.left + i * step, width: step - 1 };
          return (
            <g key={i}>
              <rect class="right" {...box} y={floor - n * unit} height={n * unit} />
              <rect class="wrong" {...box} y={floor - (n + bad) * unit} height={bad * unit} />
            </g>
          );
        })}
        {edges.map((power, i) =>
          power % 4 === 0 ? (
            <text key={power} x={PAD.left + i * step} y={floor + 14}>{power}</text>
          ) : null,
        )}
        <text x={(PAD.left + width) / 2} y={HEIGHT - 3}>log₁₀ of the relative error</text>
      </svg>
      <p class="soft">{zero > 0 ? `${count(zero)} more are 0 on both sides.` : ""}</p>
      <TextForm
        title={TITLE}
        head={["from", "to", "agree", "wrong"]}
        rows={() => right.map((n, i) => [edges[i] ?? 0, edges[i + 1] ?? 0, n, wrong[i] ?? 0])}
      />
    </figure>
  );
}
