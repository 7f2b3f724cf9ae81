import { useLayoutEffect, useState } from "preact/hooks";
import type { Room } from "./network-layout";

/** How large an element is on the screen, kept up to date; `before` until it is known. */
export function useSize(place: { readonly current: Element | null }, before: Room): Room {
  const [size, setSize] = useState(before);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const measure = (): void => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width > 0 && height > 0) setSize({ width, height });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return size;
}
