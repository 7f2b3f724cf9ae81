import type { JSX } from "preact";
import type { Screen } from "../screen";

function Main(): JSX.Element {
  return <p>Chain</p>;
}

function Inspector(): JSX.Element {
  return <p>Inspector</p>;
}

export const chain: Screen = {
  id: "chain",
  title: "Chain",
  todo: "",
  see: "",
  Main,
  Inspector,
};
