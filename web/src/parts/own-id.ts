import { useContext, useId } from "preact/hooks";
import { PageContext } from "../page";

/** An id for labels and patterns that nothing else has: cells of a notebook share its document. */
export function useOwnId(): string {
  return `${useContext(PageContext).name}-${useId()}`;
}
