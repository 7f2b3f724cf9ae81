// One of many cells takes the focus; arrow keys move it among the others, Tab leaves them all.
import { useState } from "preact/hooks";

interface Roving {
  readonly tabIndex: (cell: number) => 0 | -1;
  /** For the element around all cells, which are its buttons. */
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onFocusIn: (event: FocusEvent) => void;
}

/** `chosen` is the cell that Tab reaches at first, -1 for none. */
export function useRoving(cells: number, chosen: number): Roving {
  const [focused, setFocused] = useState(-1);
  const wanted = focused >= 0 ? focused : chosen;
  const at = wanted >= 0 && wanted < cells ? wanted : 0;
  return {
    tabIndex: (cell) => (cell === at ? 0 : -1),
    onKeyDown: (event) => {
      const buttons = buttonsIn(event.currentTarget as HTMLElement);
      const from = buttons.indexOf(event.target as HTMLButtonElement);
      const to = from < 0 ? null : target(event.key, from, buttons.length, columnsOf(buttons));
      if (to === null) return;
      event.preventDefault();
      buttons[to]?.focus();
    },
    onFocusIn: (event) => {
      const buttons = buttonsIn(event.currentTarget as HTMLElement);
      setFocused(buttons.indexOf(event.target as HTMLButtonElement));
    },
  };
}

/** Where a key leads from a cell, of `count` cells in rows of `columns`; null: nowhere. */
export function target(key: string, from: number, count: number, columns: number): number | null {
  const to = {
    ArrowLeft: from - 1,
    ArrowRight: from + 1,
    ArrowUp: from - columns,
    ArrowDown: from + columns,
    Home: 0,
    End: count - 1,
  }[key];
  if (to === undefined) return null;
  return to >= 0 && to < count ? to : from;
}

function buttonsIn(element: HTMLElement): HTMLButtonElement[] {
  return Array.from(element.querySelectorAll<HTMLButtonElement>("button"));
}

/** How many cells stand in the first row. */
function columnsOf(buttons: readonly HTMLButtonElement[]): number {
  const top = (b: HTMLButtonElement | undefined): number => b?.getBoundingClientRect().top ?? 0;
  return Math.max(1, buttons.filter((b) => Math.abs(top(b) - top(buttons[0])) < 2).length);
}
