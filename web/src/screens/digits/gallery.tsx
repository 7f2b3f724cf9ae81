// The test examples that the network takes for others, the costliest first, and how to choose them.
import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { useLive } from "../../engine/answers";
import { count, counted, percent, short } from "../../format";
import { useAbout, useMoment, type About } from "../../moment";
import { PageContext } from "../../page";
import { Pixels } from "../../parts/pixels";
import { Pending, Problem } from "../../parts/problem";
import { Segments } from "../../parts/segments";
import { TextForm } from "../../parts/text-form";
import { ConfusionMatrix, picked } from "./confusion";
import { Pager } from "./pager";
import { ANY, useFilter, useGallery, useGalleryPage, useOverview } from "./questions";
import type { Filter, Gallery, Overview } from "./questions";
import { useRoving } from "../../parts/roving";

const ZOOM = 2;
const MATRIX_CLASSES = 40; // beyond, the cells are too many to look at

export function Mistakes(): JSX.Element {
  const live = useLive();
  const about = useAbout().value;
  const overview = useOverview();
  const [filter, setFilter] = useFilter();
  const facts = overview.value;
  if (!about || !facts) return <Pending of={overview} />;
  const { confusion } = facts;
  return (
    <div class="digits-mistakes">
      <section class="digits-gallery" aria-label="Examples">
        <Summary about={about} overview={facts} />
        {confusion && <Filters about={about} filter={filter} onChange={setFilter} />}
        <Thumbnails about={about} overview={facts} />
      </section>
      {confusion && about.classes.length <= MATRIX_CLASSES && (
        <ConfusionMatrix
          confusion={confusion}
          about={about}
          filter={filter}
          disabled={!live}
          onPick={(label, said) => setFilter(picked(filter, label, said))}
        />
      )}
    </div>
  );
}

interface FactsProps {
  readonly about: About;
  readonly overview: Overview;
}

function Summary({ overview }: FactsProps): JSX.Element {
  const { confusion, examples, cost } = overview;
  const mean = `mean cost ${short(cost)}`;
  return (
    <p class="digits-summary">
      {confusion
        ? `${count(confusion.wrong)} of ${counted(examples, "test example")} wrong: ` +
          `${percent(confusion.accuracy)} right, ${mean}`
        : `${counted(examples, "test example")}, ${mean}`}
    </p>
  );
}

interface FiltersProps {
  readonly about: About;
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
}

function Filters({ about, filter, onChange }: FiltersProps): JSX.Element {
  const { engine } = useContext(PageContext);
  const off = !useLive();
  const choose = (label: string, value: number, set: (value: number) => void): JSX.Element => (
    <label>
      {label}{" "}
      <select
        value={value}
        disabled={off}
        onChange={(event) => set(Number(event.currentTarget.value))}
      >
        <option value={ANY}>any</option>
        {about.classes.map((name, i) => (
          <option key={name} value={i}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div class="digits-filters">
      <Segments
        label="Which examples"
        options={[["mistakes", "Mistakes"], ["all", "All"]]}
        value={filter.show}
        without={off ? ["mistakes", "all"] : []}
        onChange={(show) => onChange({ ...filter, show })}
      />
      {choose(about.target, filter.label, (label) => onChange({ ...filter, label }))}
      {choose("said", filter.said, (said) => onChange({ ...filter, said }))}
      {!engine.live && <span class="soft">this file holds one page of them</span>}
    </div>
  );
}

function Thumbnails({ about, overview }: FactsProps): JSX.Element {
  const live = useLive();
  const { example, setExample } = useMoment();
  const answer = useGallery();
  const gallery = answer.value;
  const numbers = gallery?.numbers ?? [];
  const { tabIndex, ...handlers } = useRoving(numbers.length, numbers.indexOf(Number(example)));
  if (answer.error !== undefined) return <Problem text={answer.error} />;
  if (!gallery) return <Pending of={answer} />;
  const { image } = overview;
  return (
    <>
      <Above gallery={gallery} />
      <ul class={image ? "digits-thumbnails" : "digits-thumbnails digits-listed"} {...handlers}>
        {numbers.map((number, i) => (
          <li key={number}>
            <button
              type="button"
              tabIndex={tabIndex(i)}
              disabled={!live}
              aria-pressed={example === String(number)}
              onClick={() => setExample(String(number))}
            >
              <Thumbnail about={about} overview={overview} gallery={gallery} i={i} />
            </button>
          </li>
        ))}
      </ul>
      <TextForm
        title="these examples"
        head={["example", "was", "said", "cost"]}
        rows={() =>
          numbers.map((number, i) => [number, ...parts(about, gallery, i), gallery.costs.at(i)])
        }
      />
    </>
  );
}

/** How many examples there are, and which page of them is shown. */
function Above({ gallery }: { readonly gallery: Gallery }): JSX.Element {
  const live = useLive();
  const [, setPage] = useGalleryPage();
  return (
    <div class="digits-above">
      <span>
        {gallery.total === 0 ? "There are none." : `${count(gallery.total)}, costliest first`}
      </span>
      <Pager
        page={gallery.page}
        pages={gallery.pages}
        what="examples"
        disabled={!live}
        onChange={setPage}
      />
    </div>
  );
}

interface ThumbnailProps extends FactsProps {
  readonly gallery: Gallery;
  readonly i: number;
}

function Thumbnail({ about, overview, gallery, i }: ThumbnailProps): JSX.Element {
  const { image, brightest } = overview;
  return (
    <>
      {image && gallery.x && (
        <Pixels
          numbers={gallery.x.row(i)}
          rows={image[0]}
          columns={image[1]}
          mode="ink"
          scale={brightest}
          zoom={thumbnailZoom(image)}
          label=""
        />
      )}
      <span class={image ? "unseen" : "soft"}>example {count(gallery.numbers[i] ?? 0)}: </span>
      <span>{told(about, gallery, i)}</span>
      <span class="soft">
        <span class={image ? "unseen" : ""}> cost </span>
        {short(gallery.costs.at(i), 3)}
      </span>
    </>
  );
}

/** About as large as MNIST's digits are at two screen pixels a pixel. */
function thumbnailZoom([rows, columns]: readonly [number, number]): number {
  return (28 * ZOOM) / Math.max(rows, columns);
}

/** What an example is, and what the network says. */
export function parts(about: About, gallery: Gallery, i: number): readonly [string, string] {
  const { labels, said, targets, outputs } = gallery;
  if (labels && said) {
    return [about.classes[labels[i] ?? -1] ?? "", about.classes[said[i] ?? -1] ?? ""];
  }
  const numbers = (row: Float32Array | undefined): string =>
    Array.from(row ?? [], (x) => short(x, 3)).join(", ");
  return [numbers(targets?.row(i)), numbers(outputs?.row(i))];
}

export function told(about: About, gallery: Gallery, i: number): string {
  const [was, said] = parts(about, gallery, i);
  return `${was} → ${said}`;
}
