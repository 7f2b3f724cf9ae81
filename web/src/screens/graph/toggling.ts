// Opening and closing groups in place.
import { useEffect, useRef } from "preact/hooks";
import { useLive } from "../../engine/answers";
import { useOpen, type Drawn } from "./questions";
import { positionOf } from "./stepping";

/** Open or close a group; the sweep stays at its moment, though positions are others then. */
export function useToggle(
  drawn: Drawn,
  at: number,
  setAt: (position: number) => void,
): (group: string, open: boolean) => void {
  const live = useLive();
  const [open, setOpen] = useOpen();
  const kept = useRef<{ readonly of: Drawn; readonly moment: number } | null>(null);
  useEffect(() => {
    const before = kept.current;
    if (!before || before.of === drawn) return;
    kept.current = null;
    setAt(positionOf(drawn.stops, before.moment));
  }, [drawn]);
  return (group, opens) => {
    if (!live) return;
    const isLast = at >= drawn.stops.length - 1;
    kept.current = isLast ? null : { of: drawn, moment: drawn.stops[at]?.at ?? 0 };
    setOpen(opens ? [...open, group] : open.filter((key) => key !== group));
  };
}
