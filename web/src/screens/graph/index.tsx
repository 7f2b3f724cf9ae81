import type { JSX } from "preact";
import type { Screen } from "../screen";

function Main(): JSX.Element {
  return <p>Graph</p>;
}

function Inspector(): JSX.Element {
  return <p>Inspector</p>;
}

export const graph: Screen = {
  id: "graph",
  title: "Graph",
  todo: "",
  see: "",
  Main,
  Inspector,
};
