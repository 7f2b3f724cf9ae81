import type { JSX } from "preact";
import type { Screen } from "../screen";

function Main(): JSX.Element {
  return <p>Forward and reverse</p>;
}

function Inspector(): JSX.Element {
  return <p>Inspector</p>;
}

export const sweeps: Screen = {
  id: "sweeps",
  title: "Forward and reverse",
  todo: "",
  see: "",
  Main,
  Inspector,
};
