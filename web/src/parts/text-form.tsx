import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { short } from "../format";
import { Table } from "./table";

const SHOWN = 200;

interface TextFormProps {
  /** What the numbers are: "δ of layer 1". */
  readonly title: string;
  readonly head: readonly string[];
  /** Called when it is opened: rows of names and numbers. */
  readonly rows: () => readonly (readonly (string | number)[])[];
}

/** The numbers of a picture as text: a table to open, and to copy with tabs between its columns. */
export function TextForm({ title, head, rows }: TextFormProps): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <details class="text-form" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Numbers: {title}</summary>
      {open && <OpenForm title={title} head={head} rows={rows()} />}
    </details>
  );
}

interface OpenProps {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

function OpenForm({ title, head, rows }: OpenProps): JSX.Element {
  const [copied, setCopied] = useState("");
  const copy = async (): Promise<void> => {
    const text = [head, ...rows].map((row) => row.join("\t")).join("\n");
    try {
      await navigator.clipboard.writeText(text);
      setCopied(`${rows.length} rows copied`);
    } catch {
      setCopied("the browser refused; select the table instead");
    }
  };
  const cells = rows.slice(0, SHOWN).map((row) =>
    row.map((cell) => (typeof cell === "number" ? short(cell) : cell)),
  );
  const more = rows.length - cells.length;
  return (
    <div class="text-form-open">
      <button type="button" onClick={() => void copy()}>
        Copy
      </button>{" "}
      <span role="status">{copied}</span>
      <div class="scrolls" tabIndex={0} role="region" aria-label={title}>
        <Table caption={title} quiet head={head} rows={cells} />
      </div>
      {more > 0 && <p>and {more} more rows, which Copy takes too</p>}
    </div>
  );
}
