import type { JSX } from "preact";
import type { About } from "../../moment";
import { useOwnId } from "../../parts/own-id";
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
  const { confusion, about } = props;
  const { classes, target } = about;
  const title = useOwnId();
  return (
    <section class="digits-confusion">
      <h2 id={title}>What each {target} was taken for</h2>
      <Matrix {...props} title={title} />
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

function Matrix({ title, ...props }: MatrixProps & { readonly title: string }): JSX.Element {
  const { about, filter } = props;
  const n = about.classes.length;
  const { tabIndex, ...handlers } = useRoving(n * n, filter.label * n + filter.said);
  return (
    <table aria-labelledby={title} {...handlers}>
      <thead>
        <tr>
          <td />
          {about.classes.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {about.classes.map((name, label) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {about.classes.map((_, said) => (
              <td key={said}>
                <Cell {...props} label={label} said={said} tabIndex={tabIndex(label * n + said)} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface CellProps extends MatrixProps {
  readonly label: number;
  readonly said: number;
  readonly tabIndex: 0 | -1;
}

function Cell(props: CellProps): JSX.Element {
  const { confusion, about, filter, disabled, onPick, label, said, tabIndex } = props;
  const examples = confusion.counts.at(label, said);
  return (
    <button
      type="button"
      class={label === said ? "digits-right" : "digits-wrong"}
      style={{ "--share": shareOf(confusion, label, said) }}
      tabIndex={tabIndex}
      disabled={disabled}
      aria-pressed={filter.label === label && filter.said === said}
      aria-label={spoken(about, label, said, examples)}
      onClick={() => onPick(label, said)}
    >
      {examples > 0 ? examples : ""}
    </button>
  );
}

/** How strong the colour is: the share of a class that is recognised; of the commonest mistake. */
function shareOf({ counts, recall }: Confusion, label: number, said: number): number {
  if (label === said) return recall.at(label) || 0;
  const n = recall.data.length;
  const most = counts.data.reduce((m, x, i) => (i % (n + 1) === 0 ? m : Math.max(m, x)), 1);
  return counts.at(label, said) / most;
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
