import type { JSX } from "preact";
import type { Screen } from "../screen";

function Main(): JSX.Element {
  return <p>Four equations</p>;
}

function Inspector(): JSX.Element {
  return <p>Inspector</p>;
}

export const equations: Screen = {
  id: "equations",
  title: "Four equations",
  todo: "",
  see: "",
  Main,
  Inspector,
};
