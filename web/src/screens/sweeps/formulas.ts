// Sums over edges and over paths, as LaTeX and as text. No drawing.
import { short } from "../../format";
import { numberTex } from "../../tex";
import type { Merge, Paths, PathSum } from "./questions";

const MOST_TERMS = 6;
const MOST_FACTORS = 3;
const MOST_IN_PRODUCT = 4;
const SHOWN_NAMES = 10;

function factorTex(x: number): string {
  return x < 0 ? `(${numberTex(x)})` : numberTex(x);
}

const NAME = /^(\p{L})(\d+|[₀-₉]+)?(\[[\d, ]*\])?$/u;

/** A name in LaTeX: "v₁" is v_{1}, "W1[0, 3]" is W_{1}[0, 3]; a longer word is upright. */
export function nameTex(name: string): string {
  const found = NAME.exec(name);
  if (!found) return `\\mathit{${name.replaceAll("_", "\\_")}}`;
  const [, letter = "", number = "", index = ""] = found;
  const digits = [...number].map((c) => (c >= "₀" ? String((c.codePointAt(0) ?? 0) - 0x2080) : c));
  return `${letter}${number && `_{${digits.join("")}}`}${index}`;
}

function ratioTex(of: string, by: string): string {
  return `\\frac{\\partial ${nameTex(of)}}{\\partial ${nameTex(by)}}`;
}

/** Each path as the product of its factors: 1 · 3, 1 · 2. */
function factorsTex(sum: PathSum): readonly string[] {
  return sum.paths.map(({ factors, product }) =>
    factors.length > MOST_IN_PRODUCT
      ? numberTex(product)
      : factors.map((x, i) => (i === 0 ? numberTex(x) : factorTex(x))).join(" \\cdot ") || "1",
  );
}

/** The products of the largest paths, with dots for others. */
function productsTex(sum: PathSum, most: number): readonly string[] {
  const terms = sum.paths.slice(0, most).map(({ product }) => numberTex(product));
  return sum.count.text === String(terms.length) ? terms : [...terms, "\\cdots"];
}

function joined(terms: readonly string[]): string {
  const signed = (t: string): string => (t.startsWith("-") ? ` - ${t.slice(1)}` : ` + ${t}`);
  return terms.map((t, i) => (i === 0 ? t : signed(t))).join("");
}

/** ∂e/∂b = 3 · 1 + 2 · 1 = 5, a line for each equality. */
export function sumTex(paths: Paths): string {
  const left = ratioTex(paths.to, paths.from);
  const total = numberTex(paths.gradient);
  if (paths.paths.length === 0) return `${left} = ${total}`;
  const written = paths.paths.length > 3 ? productsTex(paths, MOST_TERMS) : factorsTex(paths);
  return `\\begin{aligned}${left} &= ${broken(written)} \\\\ &= ${total}\\end{aligned}`;
}

const LONGEST = 26; // characters of terms in a line

/** Terms in lines that are not too long. */
function broken(terms: readonly string[]): string {
  const lines: string[][] = [[]];
  for (const term of terms) {
    const line = lines.at(-1) as string[];
    if (line.length > 0 && joined([...line, term]).length > LONGEST) lines.push([term]);
    else line.push(term);
  }
  const texts = lines.map((line, i) => {
    const text = joined(line);
    return i === 0 ? text : `\\quad ${text.startsWith("-") ? text : `+ ${text}`}`;
  });
  return texts.join(" \\\\ & ");
}

/** (1.6 + 0.9)(0.3 - 0.5), each factor with where it leads. */
export function factoredTex(paths: Paths, factors: readonly PathSum[]): string {
  const many = factors.length > MOST_FACTORS + 1;
  const shown = many ? [...factors.slice(0, MOST_FACTORS - 1), ...factors.slice(-1)] : factors;
  const parts = shown.map((factor) => {
    const terms = joined(productsTex(factor, MOST_TERMS));
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

/** One side of the equation a line. */
export function aligned(sides: readonly string[]): string {
  const [left = "", ...right] = sides;
  return `\\begin{aligned}${left} &= ${right.join(" \\\\ &= ")}\\end{aligned}`;
}

/** "b → d → e"; of a long path both ends. */
export function namesText(names: readonly string[]): string {
  if (names.length <= SHOWN_NAMES) return names.join(" → ");
  const half = SHOWN_NAMES / 2;
  const [first, last] = [names.slice(0, half), names.slice(-half)];
  return [...first, `(${names.length - 2 * half} more)`, ...last].join(" → ");
}

/** "1 · 3", negative factors in parentheses. */
export function factorsText(factors: readonly number[]): string {
  if (factors.length > SHOWN_NAMES) return `product of ${factors.length}`;
  return factors.map((x) => (x < 0 ? `(${short(x)})` : short(x))).join(" · ") || "1";
}
