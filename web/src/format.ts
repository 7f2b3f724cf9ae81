// Numbers as the engine writes them (src/chainrule/drawing/short.py): up to four digits.

/** What Python's format(x, ".4g") gives. */
export function short(x: number, digits = 4): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (x === 0) return "0";
  const rounded = toExponential(x, digits);
  const [mantissa = "", exponent = "0"] = rounded.split("e");
  const power = Number(exponent);
  if (power < -4 || power >= digits) {
    const sign = power < 0 ? "-" : "+";
    return `${trimmed(mantissa)}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  return trimmed(Number(rounded).toFixed(digits - 1 - power));
}

/** x.toExponential with halves rounded to even digits, as Python does. */
function toExponential(x: number, digits: number): string {
  const [mantissa = "", exponent = "0"] = x.toExponential(60).split("e");
  const kept = mantissa.slice(0, mantissa.indexOf(".") + digits);
  const isTie = /^50*$/.test(mantissa.slice(kept.length));
  const isEven = Number(kept.at(-1)) % 2 === 0;
  return isTie && isEven ? `${kept}e${exponent}` : x.toExponential(digits - 1);
}

/** With its sign, plus or minus. */
export function signed(x: number, digits = 4): string {
  return x > 0 ? `+${short(x, digits)}` : short(x, digits);
}

/** A layer as an index above: "δ^12" as "δ¹²". */
export function raised(text: string): string {
  return text.replace(/\^(\d+)/g, (_, digits: string) =>
    [...digits].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join(""),
  );
}

/** A whole number with its thousands apart: 50,000. */
export function count(n: number): string {
  return n.toLocaleString("en-US");
}

/** "1 step", "2 steps". */
export function counted(n: number, what: string): string {
  return `${count(n)} ${what}${n === 1 ? "" : "s"}`;
}

/** As a share of one hundred, with one decimal: 94.8%. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
