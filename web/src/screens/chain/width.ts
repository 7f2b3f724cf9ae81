// How wide an element is, so that a picture fills it without scaling its text.
import { useEffect, useRef, useState } from "preact/hooks";

export function useWidth(first: number): [{ current: HTMLDivElement | null }, number] {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(first);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const measured = new ResizeObserver(() => setWidth(Math.max(300, element.clientWidth)));
    measured.observe(element);
    return () => measured.disconnect();
  }, []);
  return [place, width];
}
