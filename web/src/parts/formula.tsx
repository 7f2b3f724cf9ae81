import katex from "katex";
import "katex/dist/katex.css";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface FormulaProps {
  readonly tex: string;
  readonly block?: boolean;
}

/** A formula in LaTeX. KaTeX makes nodes of it, no text of HTML, so no style stands inline. */
export function Formula({ tex, block = false }: FormulaProps): JSX.Element {
  const place = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    if (place.current) {
      katex.render(tex, place.current, { displayMode: block, throwOnError: false });
    }
  }, [tex, block]);
  return <span ref={place} class={block ? "formula block" : "formula"} />;
}
