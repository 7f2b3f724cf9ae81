// The weights into each neuron of the first layer as an image, and what one makes of the example.
import type { JSX } from "preact";
import { useLive } from "../../engine/answers";
import { counted, signed } from "../../format";
import { numberTex } from "../../tex";
import { useNeuron } from "../../moment";
import { Formula } from "../../parts/formula";
import { Pixels } from "../../parts/pixels";
import { Pending } from "../../parts/problem";
import { Segments } from "../../parts/segments";
import { TextForm } from "../../parts/text-form";
import { Pager } from "./pager";
import { useDigit, useNeuronsPage, useOrder, useWeights } from "./questions";
import type { Digit, Weights } from "./questions";
import { useRoving } from "../../parts/roving";

interface ImageProps {
  readonly image: readonly [number, number];
}

export function FirstLayer({ image }: ImageProps): JSX.Element {
  const answer = useWeights();
  const digit = useDigit().value;
  const [layer, neuron, choose] = useNeuron();
  const found = answer.value;
  const at = found && layer === 1 ? Math.max(0, found.neurons.indexOf(neuron)) : 0;
  const { tabIndex, ...handlers } = useRoving(found?.neurons.length ?? 0, at);
  if (!found || answer.error !== undefined) return <Pending of={answer} />;
  return (
    <section class="digits-first-layer" aria-label="First-layer weights">
      <Above found={found} />
      {digit && <OneNeuron found={found} at={at} digit={digit} image={image} />}
      <ul class="digits-thumbnails" {...handlers}>
        {found.neurons.map((j, i) => (
          <li key={j}>
            <button
              type="button"
              tabIndex={tabIndex(i)}
              aria-pressed={i === at}
              onClick={() => choose(1, j)}
            >
              <Thumbnail found={found} i={i} image={image} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** How the neurons are ordered, and where there are many, which of them are shown. */
function Above({ found }: { readonly found: Weights }): JSX.Element {
  const live = useLive();
  const [order, setOrder] = useOrder();
  const [, setPage] = useNeuronsPage();
  const reorder = (next: string): void => {
    setOrder(next);
    setPage(0);
  };
  return (
    <div class="digits-above">
      <span>
        Layer 1: each of {counted(found.total, "neuron")} weighs all pixels.{" "}
        <span class="soft">Violet: positive. Brown: negative.</span>
      </span>
      <Segments
        label="Order"
        options={[["number", "By number"], ["delta", "By |δ|"]]}
        value={order}
        without={live ? [] : ["number", "delta"]}
        onChange={reorder}
      />
      <Pager
        page={found.page}
        pages={found.pages}
        what="neurons"
        disabled={!live}
        onChange={setPage}
      />
    </div>
  );
}

interface ThumbnailProps extends ImageProps {
  readonly found: Weights;
  readonly i: number;
}

function Thumbnail({ found, i, image }: ThumbnailProps): JSX.Element {
  return (
    <>
      <Pixels
        numbers={found.weights.row(i)}
        rows={image[0]}
        columns={image[1]}
        mode="signed"
        scale={found.scale}
        zoom={56 / Math.max(...image)}
        label=""
      />
      <span>
        <span class="unseen">neuron </span>
        {found.neurons[i]}
      </span>
      <span class="gradient">
        <span class="unseen"> δ </span>
        {signed(found.delta.at(i), 2)}
      </span>
    </>
  );
}

interface NeuronProps extends ImageProps {
  readonly found: Weights;
  readonly at: number;
  readonly digit: Digit;
}

function OneNeuron({ found, at, digit, image }: NeuronProps): JSX.Element {
  const j = found.neurons[at] ?? 0;
  const picture = (name: string, numbers: Float32Array, mode: "ink" | "signed"): JSX.Element => (
    <figure>
      <Pixels
        numbers={numbers}
        rows={image[0]}
        columns={image[1]}
        mode={mode}
        zoom={140 / Math.max(...image)}
        label={`${name} of neuron ${j}, as an image`}
      />
      <figcaption>{name}</figcaption>
    </figure>
  );
  const [weights, products] = [found.weights.row(at), found.products.row(at)];
  return (
    <section class="digits-one-neuron" aria-label={`Neuron ${j}`}>
      <h2>Neuron {j}: what it makes of this example</h2>
      <div class="digits-pictures">
        {picture("weights w", weights, "signed")}
        <span aria-hidden="true">×</span>
        {picture("pixels x", digit.x.data, "ink")}
        <span aria-hidden="true">=</span>
        {picture("products w x", products, "signed")}
      </div>
      <SumOfProducts found={found} at={at} />
      <TextForm
        title={`weights and products of neuron ${j}`}
        head={["row, column", "w", "x", "w x"]}
        rows={() =>
          Array.from(weights, (w, i) => [
            `${Math.floor(i / image[1])}, ${i % image[1]}`, w, digit.x.at(i), products[i] ?? 0,
          ])
        }
      />
    </section>
  );
}

/** What the products come to, and what the cost makes of it. */
function SumOfProducts({ found, at }: Pick<NeuronProps, "found" | "at">): JSX.Element {
  const j = found.neurons[at] ?? 0;
  const [sum, bias, z, a, delta] = [found.sums, found.biases, found.z, found.a, found.delta].map(
    (x) => numberTex(x.at(at)),
  );
  return (
    <p class="digits-sum">
      <Formula
        tex={
          `z^1_{${j}} = \\textstyle\\sum w x + b = ${sum} + (${bias}) = ${z},` +
          `\\quad a^1_{${j}} = ${a}`
        }
      />{" "}
      <span class="gradient">
        <Formula tex={`\\delta^1_{${j}} = \\partial C / \\partial z^1_{${j}} = ${delta}`} />
      </span>
    </p>
  );
}
