import type { JSX } from "preact";
import type { Screen } from "../screen";

function Main(): JSX.Element {
  return <p>Digits</p>;
}

function Inspector(): JSX.Element {
  return <p>Inspector</p>;
}

export const digits: Screen = {
  id: "digits",
  title: "Digits",
  todo: "",
  see: "",
  Main,
  Inspector,
};
