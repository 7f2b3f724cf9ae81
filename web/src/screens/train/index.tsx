import type { JSX } from "preact";
import type { Screen } from "../screen";

function Main(): JSX.Element {
  return <p>Train</p>;
}

function Inspector(): JSX.Element {
  return <p>Inspector</p>;
}

export const train: Screen = {
  id: "train",
  title: "Train",
  todo: "",
  see: "",
  Main,
  Inspector,
};
