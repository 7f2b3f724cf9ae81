// Where the page stands, and how its address says so: #/demon?example=8&layer=1. Everything that a
// person chose is here; what is as it was at first is left out.
import { computed, signal, type Signal } from "@preact/signals";
import { useContext, useMemo } from "preact/hooks";
import { PageContext } from "./page";

export interface Place {
  readonly screen: string;
  readonly params: Readonly<Record<string, string>>;
}

export function placeOf(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?");
  return { screen: path, params: Object.fromEntries(new URLSearchParams(query)) };
}

export function hashOf(place: Place): string {
  const names = Object.keys(place.params).sort();
  const query = new URLSearchParams(names.map((n) => [n, place.params[n] ?? ""])).toString();
  return `#/${place.screen}${query ? `?${query}` : ""}`;
}

/** The address of another screen, with all else as it is. */
export function hashOfScreen(place: Place, screen: string): string {
  return hashOf({ ...place, screen });
}

const BETWEEN_WRITES = 120; // ms: browsers refuse more than some hundred in half a minute

/**
 * A place that follows the address of the window, and that the address follows. Another screen is
 * an entry of the browser's history, a choice on a screen is none.
 */
export function placeInAddress(first: string): Signal<Place> {
  const place = signal(placeOf(location.hash || first));
  let timer: ReturnType<typeof setTimeout> | undefined;
  let written = -Infinity; // when
  let { screen } = place.value;
  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const hash = hashOf(place.value);
    if (location.hash === hash) return;
    history.replaceState(null, "", hash);
    written = performance.now();
  };
  place.subscribe((now) => {
    if (now.screen === screen) {
      const wait = written + BETWEEN_WRITES - performance.now();
      if (wait <= 0) write();
      else timer ??= setTimeout(write, wait);
      return;
    }
    clearTimeout(timer);
    timer = undefined;
    ({ screen } = now);
    if (location.hash !== hashOf(now)) history.pushState(null, "", hashOf(now));
  });
  addEventListener("popstate", () => {
    clearTimeout(timer);
    timer = undefined;
    place.value = placeOf(location.hash || first);
  });
  addEventListener("pagehide", write);
  return place;
}

/**
 * One entry of the place as text; setting it to its fallback leaves it out of the address. What
 * uses it is drawn anew when this entry changes, and not while another one is dragged.
 */
export function useText(name: string, fallback = ""): [string, (value: string) => void] {
  const { place } = useContext(PageContext);
  const found = useMemo(() => computed(() => place.value.params[name]), [place, name]);
  const set = (value: string): void => {
    const { [name]: _, ...others } = place.value.params;
    const params = value === fallback ? others : { ...others, [name]: value };
    place.value = { ...place.value, params };
  };
  return [found.value ?? fallback, set];
}

export function useNumber(name: string, fallback: number): [number, (value: number) => void] {
  const [text, set] = useText(name, String(fallback));
  const found = text.trim() === "" ? NaN : Number(text);
  return [Number.isFinite(found) ? found : fallback, (value) => set(String(value))];
}

export function useFlag(name: string, fallback = false): [boolean, (value: boolean) => void] {
  const [text, set] = useText(name, fallback ? "1" : "0");
  return [text === "1", (value) => set(value ? "1" : "0")];
}

/** Several entries at once. */
export function useMove(): (params: Readonly<Record<string, string | number>>) => void {
  const { place } = useContext(PageContext);
  return (params) => {
    const texts = Object.entries(params).map(([n, value]) => [n, String(value)]);
    const entries = Object.fromEntries(texts) as Record<string, string>;
    place.value = { ...place.value, params: { ...place.value.params, ...entries } };
  };
}
