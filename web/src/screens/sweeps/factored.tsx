// The sum over paths in formulas: written out, factored, and node by node as a sweep does it.
import type { JSX } from "preact";
import { short } from "../../format";
import { Formula } from "../../parts/formula";
import { Pending } from "../../parts/problem";
import { TextForm } from "../../parts/text-form";
import { factoredTex, mergeTex, sumTex } from "./formulas";
import { usePaths, type Merge, type Paths, type PathSum } from "./questions";

export function PathsInspector(): JSX.Element {
  const answer = usePaths();
  const { value } = answer;
  if (!value || answer.error !== undefined) return <Pending of={answer} />;
  const factors = value.factors.filter((f) => f.count.text !== "1");
  return (
    <>
      <h2>Path by path</h2>
      <p>
        A path is worth the product of the derivatives on its lines. The derivative is their sum.
      </p>
      <Formula tex={sumTex(value)} block />
      {factors.length > 1 && <Factored paths={value} factors={value.factors} />}
      {value.merges.length > 0 && <NodeByNode merges={value.merges} />}
      <Operations paths={value} />
    </>
  );
}

interface FactoredProps {
  readonly paths: Paths;
  readonly factors: readonly PathSum[];
}

function Factored({ paths, factors }: FactoredProps): JSX.Element {
  return (
    <>
      <h2>Factored</h2>
      <p>
        Where all paths meet in one node, what comes before it and what comes after it are
        factors:
      </p>
      <Formula tex={factoredTex(paths, factors)} block />
    </>
  );
}

function NodeByNode({ merges }: { readonly merges: readonly Merge[] }): JSX.Element {
  return (
    <>
      <h2>Node by node, as reverse mode does it</h2>
      {merges.map((merge) => (
        <Formula key={merge.name} tex={mergeTex(merge)} block />
      ))}
    </>
  );
}

function Operations({ paths }: { readonly paths: Paths }): JSX.Element {
  return (
    <>
      <h2>What it takes</h2>
      <dl class="path-operations">
        <dt>paths</dt>
        <dd title={paths.count.text}>{paths.count.short}</dd>
        <dt>multiplications and additions, path by path</dt>
        <dd title={paths.unfactored.text}>{paths.unfactored.short}</dd>
        <dt>the same, node by node in one sweep</dt>
        <dd>{paths.factored.short}</dd>
      </dl>
      <p class="soft">
        A sweep goes along each line once, however many paths there are: those that meet at a node
        are added there, and from there on they are one.
      </p>
      <TextForm
        title="these sums, and all digits of the counts"
        head={["what", "is"]}
        rows={() => textRows(paths)}
      />
    </>
  );
}

function textRows(paths: Paths): readonly (readonly (string | number)[])[] {
  const term = (use: Merge["uses"][number]): string =>
    `${short(use.cotangent)} · ${short(use.derivative)}`;
  const sums = paths.merges.map(({ name, end, uses, total }) => [
    `∂${end}/∂${name}`,
    `${uses.map(term).join(" + ")} = ${short(total)}`,
  ]);
  const factors = paths.factors.map((f) => [`factor ∂${f.to}/∂${f.from}`, f.gradient]);
  return [
    [`∂${paths.to}/∂${paths.from}`, paths.gradient],
    ["paths", paths.count.text],
    ["operations path by path", paths.unfactored.text],
    ["operations node by node", paths.factored.text],
    ...factors,
    ...sums,
  ];
}
