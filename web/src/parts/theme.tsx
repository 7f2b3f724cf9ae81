// Light or dark: what the reader chose on the page, else what the system says.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { PageContext } from "../page";
import { useText } from "../place";

const system =
  typeof matchMedia === "function" ? matchMedia("(prefers-color-scheme: dark)") : undefined;
const systemIsDark = signal(system?.matches ?? false);
system?.addEventListener("change", (event) => (systemIsDark.value = event.matches));

const NEXT: Record<string, string> = { auto: "dark", dark: "light", light: "auto" };

/** Whether the page is dark. */
export function useDark(): boolean {
  const [theme] = useText("theme", "auto");
  return theme === "auto" ? systemIsDark.value : theme === "dark";
}

/** The value of a CSS variable of the theme, for what is drawn on a canvas. */
export function useThemeColour(): (name: string) => string {
  const { root } = useContext(PageContext);
  const dark = useDark();
  const [, setDrawn] = useState(dark);
  useEffect(() => setDrawn(dark), [dark]); // once more when the new theme is in place
  return (name) => {
    const page = root.current;
    return page ? getComputedStyle(page).getPropertyValue(`--${name}`).trim() : "";
  };
}

export function ThemeButton(): JSX.Element {
  const [theme, setTheme] = useText("theme", "auto");
  return (
    <button type="button" class="quiet" onClick={() => setTheme(NEXT[theme] ?? "auto")}>
      Colours: {theme}
    </button>
  );
}
