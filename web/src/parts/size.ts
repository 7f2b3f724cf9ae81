import { useLayoutEffect, useState } from "preact/hooks";

/** A width and a height in pixels of the screen. */
export interface Room {
  readonly width: number;
  readonly height: number;
}

/** How large an element is on the screen, kept up to date; `before` until it is known. */
export function useSize(place: { readonly current: Element | null }, before: Room): Room {
  const [size, setSize] = useState(before);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const measure = (): void => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width === 0 || height === 0) return;
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return size;
}
