import type { JSX } from "preact";
import type { Screen } from "../screen";

function Main(): JSX.Element {
  return <p>Check</p>;
}

function Inspector(): JSX.Element {
  return <p>Inspector</p>;
}

export const check: Screen = {
  id: "check",
  title: "Check",
  todo: "",
  see: "",
  Main,
  Inspector,
};
