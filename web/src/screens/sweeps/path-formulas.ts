// Formulas of sums over paths, as LaTeX. No drawing.
import { short } from "../../format";
import type { Merge, Paths, PathSum } from "./questions";

const MOST_TERMS = 6;
const MOST_FACTORS = 3;

/** A number in LaTeX. */
export function numberTex(x: number): string {
  const [mantissa = "", exponent] = short(x).split("e");
  return exponent === undefined ? mantissa : `${mantissa} \\cdot 10^{${Number(exponent)}}`;
}

function factorTex(x: number): string {
  return x < 0 ? `(${numberTex(x)})` : numberTex(x);
}

/** "v₁" as v_{1}, "W1[0, 3]" upright. */
export function nameTex(name: string): string {
  const subscripts = [...name].filter((c) => c >= "₀" && c <= "₉");
  const base = [...name].filter((c) => !(c >= "₀" && c <= "₉")).join("");
  const plain = base.replaceAll("_", "\\_");
  const written = base.length === 1 ? plain : `\\mathit{${plain}}`;
  const digits = subscripts.map((c) => String((c.codePointAt(0) ?? 0) - 0x2080)).join("");
  return digits ? `${written}_{${digits}}` : written;
}

function ratioTex(of: string, by: string): string {
  return `\\frac{\\partial ${nameTex(of)}}{\\partial ${nameTex(by)}}`;
}

/** 2 · 1 + 3 · 1, the largest products first. */
function termsTex(sum: PathSum, most: number): string {
  const terms = sum.paths
    .slice(0, most)
    .map(({ factors }) =>
      factors.length > 4
        ? numberTex(factors.reduce((x, y) => x * y, 1))
        : factors.map((x, i) => (i === 0 ? numberTex(x) : factorTex(x))).join(" \\cdot ") || "1",
    );
  const isAll = sum.count.text === String(terms.length);
  return joined(isAll ? terms : [...terms, "\\cdots"]);
}

function joined(terms: readonly string[]): string {
  return terms.map((t, i) => (i === 0 ? t : t.startsWith("-") ? ` - ${t.slice(1)}` : ` + ${t}`)).join("");
}

/** ∂e/∂b = 3 · 1 + 2 · 1 = 5, a line for each equality. */
export function sumTex(paths: Paths): string {
  const left = ratioTex(paths.to, paths.from);
  const total = numberTex(paths.gradient);
  if (paths.paths.length === 0) return `${left} = ${total}`;
  const terms = paths.paths.length > 3 ? shortTerms(paths) : termsTex(paths, MOST_TERMS);
  return `\\begin{aligned}${left} &= ${terms} \\\\ &= ${total}\\end{aligned}`;
}

/** Products of many paths, without their factors. */
function shortTerms(paths: PathSum): string {
  const terms = paths.paths.slice(0, MOST_TERMS).map(({ product }) => numberTex(product));
  const isAll = paths.count.text === String(terms.length);
  const lines = [terms.slice(0, 3), terms.slice(3)].filter((line) => line.length > 0);
  const [first = "", second = ""] = lines.map((line) => joined(line));
  const more = isAll ? "" : " + \\cdots";
  if (!second) return first + more;
  return `${first} \\\\ &\\quad ${second.startsWith("-") ? second : `+ ${second}`}${more}`;
}

/** (1.6 + 0.9)(0.3 - 0.5), each factor with where it leads. */
export function factoredTex(paths: Paths, factors: readonly PathSum[]): string {
  const many = factors.length > MOST_FACTORS + 1;
  const shown = many ? [...factors.slice(0, MOST_FACTORS - 1), ...factors.slice(-1)] : factors;
  const parts = shown.map((factor) => {
    const terms = productsTex(factor);
    const where = `${nameTex(factor.from)} \\to ${nameTex(factor.to)}`;
    return `\\underbrace{(${terms})}_{${where}}`;
  });
  const dots = `\\cdots`;
  const lines = many ? [...parts.slice(0, -1), dots, ...parts.slice(-1)] : parts;
  const values = shown.map((factor) => factorTex(factor.gradient));
  const numbers = many ? [...values.slice(0, -1), dots, ...values.slice(-1)] : values;
  const left = ratioTex(paths.to, paths.from);
  return [
    `\\begin{aligned}${left} &= ${lines.join(" \\\\ &\\quad ")}`,
    `&= ${numbers.join(" \\cdot ")}`,
    `&= ${numberTex(paths.gradient)}\\end{aligned}`,
  ].join(" \\\\ ");
}

function productsTex(factor: PathSum): string {
  const terms = factor.paths.map(({ product }) => numberTex(product));
  const isAll = factor.count.text === String(terms.length);
  return joined(isAll ? terms : [...terms, "\\cdots"]);
}

/** ∂e/∂b = ∂e/∂c ∂c/∂b + ... = 2 · 1 + 3 · 1 = 5. */
export function mergeTex({ name, end, uses, total }: Merge): string {
  const left = ratioTex(end, name);
  const symbols = uses.map(({ to }) =>
    to === end ? ratioTex(to, name) : `${ratioTex(end, to)} ${ratioTex(to, name)}`,
  );
  const numbers = uses.map(({ to, cotangent, derivative }) =>
    to === end ? numberTex(derivative) : `${numberTex(cotangent)} \\cdot ${factorTex(derivative)}`,
  );
  const sides = [joined(symbols), joined(numbers), numberTex(total)];
  const own = sides.filter((side, i) => side !== left && sides.indexOf(side) === i);
  return `\\begin{aligned}${left} &= ${own.join(" \\\\ &= ")}\\end{aligned}`;
}
