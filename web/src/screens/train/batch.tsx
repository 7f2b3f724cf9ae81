// The examples of the next mini-batch: which way each of them pulls, against the mean of all.
import type { JSX } from "preact";
import { useAnswer } from "../../engine/answers";
import type { Tensor } from "../../engine/wire";
import { count, short, signed } from "../../format";
import { useAbout, useMoment, type About } from "../../moment";
import { Pixels } from "../../parts/pixels";
import { Pending } from "../../parts/problem";
import { TextForm } from "../../parts/text-form";
import { isRunning } from "./controls";
import type { History } from "./history";
import { useCalm } from "./training";

const CALM = 700; // ms between mini-batches that are shown while it trains

/** The answer to train.batch: examples by ascending cosine. */
interface Batch {
  readonly epoch: number;
  readonly batch: number;
  readonly size: number;
  readonly against: number;
  readonly mean_norm: number;
  readonly numbers: readonly number[];
  readonly labels: readonly number[] | null;
  readonly x: Tensor;
  readonly costs: Tensor;
  readonly norms: Tensor;
  readonly cosines: Tensor;
  readonly dots: Tensor;
  readonly shares: Tensor;
}

export function MiniBatch({ history }: { readonly history: History }): JSX.Element {
  const { step } = useMoment();
  const about = useAbout().value;
  const calm = useCalm(step, isRunning(history.standing) ? CALM : 0);
  const answer = useAnswer<Batch>("train.batch", calm === null ? null : { step: calm });
  const batch = answer.value;
  if (!batch || !about) return <Pending of={answer} />;
  return (
    <section aria-label="The next mini-batch" class="train-batch">
      <h2>The next mini-batch: which way each example pulls</h2>
      <p>
        Number {count(batch.batch + 1)} of epoch {count(batch.epoch)}. The step follows the mean of{" "}
        {count(batch.size)} gradients, of size {short(batch.mean_norm)}.{" "}
        <strong>
          {batch.against === 0
            ? "None pulls against it."
            : `${count(batch.against)} of them ${batch.against === 1 ? "pulls" : "pull"} against it.`}
        </strong>
      </p>
      <ol class="train-examples">
        {batch.numbers.map((number, i) => (
          <Example key={number} batch={batch} i={i} about={about} />
        ))}
      </ol>
      {batch.size > batch.numbers.length && (
        <p class="soft">and {count(batch.size - batch.numbers.length)} more between them</p>
      )}
      <TextForm
        title="the mini-batch"
        head={["train example", "is", "cosine to the mean", "size |∇C|", "∇C · mean", "share", "cost"]}
        rows={() =>
          batch.numbers.map((number, i) => [
            count(number), said(batch, i, about), batch.cosines.at(i), batch.norms.at(i),
            batch.dots.at(i), batch.shares.at(i), batch.costs.at(i),
          ])
        }
      />
    </section>
  );
}

interface ExampleProps {
  readonly batch: Batch;
  readonly i: number;
  readonly about: About;
}

/** One example: its picture, and a bar to the right if it pulls along, to the left if against. */
function Example({ batch, i, about }: ExampleProps): JSX.Element {
  const cosine = batch.cosines.at(i);
  const [rows = 1, columns = 1] = about.shape;
  const what = said(batch, i, about);
  const isPicture = about.shape.length === 2;
  return (
    <li class={cosine < 0 ? "against" : "along"}>
      {isPicture && (
        <Pixels
          numbers={batch.x.row(i)}
          rows={rows}
          columns={columns}
          mode="ink"
          scale={1}
          zoom={Math.max(1, Math.floor(60 / Math.max(rows, columns)))}
          label={`train example ${count(batch.numbers[i] ?? 0)}: ${what}`}
        />
      )}
      <span class="what">{what}</span>
      <Bar cosine={cosine} />
      <span class="num">{signed(cosine, 2)}</span>
      <span class="soft" title="size of its gradient">
        |∇C| {short(batch.norms.at(i), 2)}
      </span>
    </li>
  );
}

function Bar({ cosine }: { readonly cosine: number }): JSX.Element {
  const width = 50 * Math.min(1, Math.abs(cosine));
  const left = cosine < 0 ? 50 - width : 50;
  return (
    <span class="bar" aria-hidden="true">
      <span style={{ left: `${left}%`, width: `${width}%` }} />
    </span>
  );
}

function said(batch: Batch, i: number, about: About): string {
  const label = batch.labels?.[i];
  if (label === undefined) return `example ${count(batch.numbers[i] ?? 0)}`;
  return about.classes[label] ?? String(label);
}
