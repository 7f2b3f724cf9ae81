import type { JSX } from "preact";
import { useId } from "preact/hooks";
import type { About } from "../../moment";
import { TextForm } from "../../parts/text-form";
import { ANY, type Confusion, type Filter } from "./questions";
import { useRoving } from "../../parts/roving";

interface MatrixProps {
  readonly confusion: Confusion;
  readonly about: About;
  readonly filter: Filter;
  readonly disabled: boolean;
  readonly onPick: (label: number, said: number) => void;
}

/** How many examples of each class (row) were taken for each (column); a cell chooses them. */
export function ConfusionMatrix(props: MatrixProps): JSX.Element {
  const { confusion, about, filter, disabled, onPick } = props;
  const { classes, target } = about;
  const title = useId();
  const n = classes.length;
  const { tabIndex, ...handlers } = useRoving(n * n, filter.label * n + filter.said);
  const mistakes = Array.from(confusion.counts.data, (x, i) => (isRight(i, n) ? 0 : x));
  const most = Math.max(1, ...mistakes);
  const share = (i: number): number =>
    isRight(i, n)
      ? (confusion.recall.at(Math.floor(i / n)) || 0)
      : (mistakes[i] ?? 0) / most;
  const cell = (label: number, said: number): JSX.Element => {
    const examples = confusion.counts.at(label, said);
    return (
      <button
        type="button"
        class={label === said ? "digits-right" : "digits-wrong"}
        style={{ "--share": share(label * n + said) }}
        tabIndex={tabIndex(label * n + said)}
        disabled={disabled}
        aria-pressed={filter.label === label && filter.said === said}
        aria-label={spoken(about, label, said, examples)}
        onClick={() => onPick(label, said)}
      >
        {examples > 0 ? examples : ""}
      </button>
    );
  };
  return (
    <section class="digits-confusion">
      <h2 id={title}>What each {target} was taken for</h2>
      <table aria-labelledby={title} {...handlers}>
        <thead>
          <tr>
            <td />
            {classes.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {classes.map((name, label) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {classes.map((_, said) => (
                <td key={said}>{cell(label, said)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="soft">
        Rows: what it is. Columns: what the network says. Choose a cell to see its examples.
      </p>
      <TextForm
        title={`${target} and what was said, in counts`}
        head={[target, ...classes, "recall"]}
        rows={() =>
          classes.map((name, i) => [name, ...confusion.counts.row(i), confusion.recall.at(i)])
        }
      />
    </section>
  );
}

function isRight(i: number, n: number): boolean {
  return i % (n + 1) === 0;
}

function spoken(about: About, label: number, said: number, examples: number): string {
  const { classes, target } = about;
  const what = label === said ? "recognised" : `taken for ${classes[said] ?? ""}`;
  return `${target} ${classes[label] ?? ""} ${what}: ${examples}`;
}

/** The filter that a click on a cell makes; a second click takes it off. */
export function picked(filter: Filter, label: number, said: number): Filter {
  if (filter.label === label && filter.said === said) {
    return { show: "mistakes", label: ANY, said: ANY };
  }
  return { show: label === said ? "all" : filter.show, label, said };
}
