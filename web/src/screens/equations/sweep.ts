// The order in which the four equations are used: BP1, then BP3 and BP4 of the last layer, then BP2
// of the layer before, and so on. Pure.
import { raised } from "../../format";

export const LABELS = ["BP1", "BP2", "BP3", "BP4"] as const;
export type Label = (typeof LABELS)[number];

/** One of the equations for one layer. */
export interface Stage {
  readonly label: Label;
  readonly layer: number;
}

export function stagesOf(depth: number): Stage[] {
  const stages: Stage[] = [];
  for (let layer = depth; layer > 0; layer--) {
    const first = layer === depth ? "BP1" : "BP2";
    for (const label of [first, "BP3", "BP4"] as const) stages.push({ label, layer });
  }
  return stages;
}

/** The layers that an equation gives something in, the last first. */
export function layersOf(label: Label, depth: number): number[] {
  return stagesOf(depth).filter((s) => s.label === label).map((s) => s.layer);
}

/** The layer of those next to the wanted one; null if there is none, as of BP2 in one layer. */
export function layerNear(label: Label, wanted: number, depth: number): number | null {
  const layers = layersOf(label, depth);
  return layers.find((n) => n <= wanted) ?? layers.at(-1) ?? null;
}

/** What an equation gives: δ², ∂C/∂b², ∂C/∂W². */
export function resultOf({ label, layer }: Stage): string {
  const name = { BP1: "δ", BP2: "δ", BP3: "∂C/∂b", BP4: "∂C/∂W" }[label];
  return raised(`${name}^${layer}`);
}

/** Whether the sweep has computed a result when it stands at `position`. */
export function isComputed(stage: Stage, position: number, depth: number): boolean {
  const at = stagesOf(depth).findIndex((s) => s.label === stage.label && s.layer === stage.layer);
  return at >= 0 && at <= position;
}

/** Whether the error of a layer is computed, by BP1 or BP2. */
export function hasError(layer: number, position: number, depth: number): boolean {
  return isComputed({ label: layer === depth ? "BP1" : "BP2", layer }, position, depth);
}
