import type { JSX } from "preact";
import { count } from "../../format";

interface PagerProps {
  readonly page: number;
  readonly pages: number;
  readonly what: string;
  readonly disabled: boolean;
  readonly onChange: (page: number) => void;
}

/** From page to page, where there is more than one. */
export function Pager({ page, pages, what, disabled, onChange }: PagerProps): JSX.Element | null {
  if (pages < 2) return null;
  const to = (target: number, name: string, sign: string): JSX.Element => (
    <button
      type="button"
      aria-label={name}
      disabled={disabled || target < 0 || target >= pages}
      onClick={() => onChange(target)}
    >
      {sign}
    </button>
  );
  return (
    <nav class="digits-pager" aria-label={`Pages of ${what}`}>
      {to(page - 1, "previous page", "‹")}
      <span role="status">
        page {count(page + 1)} of {count(pages)}
      </span>
      {to(page + 1, "next page", "›")}
    </nav>
  );
}
