import type { ComponentChildren, JSX } from "preact";

export type Cell = string | number | JSX.Element;

interface TableProps {
  readonly caption: ComponentChildren;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Hides the caption from sight where a heading says the same. */
  readonly quiet?: boolean;
  /** The row that is looked at. */
  readonly chosen?: number;
}

/** A table of numbers: the first column names the row. */
export function Table({ caption, head, rows, quiet = false, chosen }: TableProps): JSX.Element {
  return (
    <table class="numbers">
      <caption class={quiet ? "unseen" : ""}>{caption}</caption>
      <thead>
        <tr>
          {head.map((text, i) => (
            <th key={i} scope="col">
              {text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([first, ...others], i) => (
          <tr key={i} aria-current={i === chosen ? "true" : undefined}>
            <th scope="row">{first}</th>
            {others.map((cell, j) => (
              <td key={j}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
