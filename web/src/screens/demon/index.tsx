import type { JSX } from "preact";
import type { Screen } from "../screen";

function Main(): JSX.Element {
  return <p>Demon</p>;
}

function Inspector(): JSX.Element {
  return <p>Inspector</p>;
}

export const demon: Screen = {
  id: "demon",
  title: "Demon",
  todo: "",
  see: "",
  Main,
  Inspector,
};
