// The screens in their order: the first is where the page opens.
import { graph } from "./graph";
import { sweeps } from "./sweeps";
import { demon } from "./demon";
import { equations } from "./equations";
import { chain } from "./chain";
import { train } from "./train";
import { digits } from "./digits";
import { check } from "./check";
import type { Screen } from "./screen";

export const SCREENS: readonly Screen[] = [
  graph,
  sweeps,
  demon,
  equations,
  chain,
  train,
  digits,
  check,
];
