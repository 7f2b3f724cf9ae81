// The derivatives of a function, computed in every way there is and compared.
import type { JSX } from "preact";
import { count, short } from "../../format";
import { Pending, Problem } from "../../parts/problem";
import { Table } from "../../parts/table";
import { useWays } from "./answers";

export function FunctionCheck({ name }: { readonly name: string }): JSX.Element {
  const answer = useWays(name);
  const found = answer.value;
  if (!found || answer.error !== undefined) return <Pending of={answer} />;
  if (!found.agrees) return <Problem text={found.text} />;
  const rows = found.comparisons.map(({ order, ways, gap, allowed }) => [
    ways.join(" = "),
    String(order),
    short(gap, 2),
    short(allowed, 2),
    "✓",
  ]);
  return (
    <>
      <div class="check-verdict right" role="status">
        <p>
          <b>✓ all {count(rows.length)} comparisons agree</b>: the derivatives of {name} in{" "}
          {count(found.numbers ?? 0)} numbers, by every mode and nesting of modes, and by
          differences.
        </p>
      </div>
      <Table
        caption="Two ways to one derivative, along random directions"
        head={["ways", "order", "apart", "allowed", "agrees"]}
        rows={rows}
      />
      {found.differences && <p class="soft">Differences: {found.differences}.</p>}
      {(found.notes ?? []).map((note) => <p key={note} class="soft">{note}</p>)}
    </>
  );
}
