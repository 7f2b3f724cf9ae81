// Where the page begins: in a document of its own, served or saved, or in a cell of a notebook.
import { signal } from "@preact/signals";
import { render as draw } from "preact";
import { App } from "./app";
import type { Engine } from "./engine/engine";
import { httpEngine } from "./engine/http";
import { recordedEngine, type Recording } from "./engine/recorded";
import { widgetEngine, type WidgetModel } from "./engine/widget";
import { Page } from "./page";
import { placeInAddress, placeOf } from "./place";
import "./style/theme.css";
import "./style/page.css";
import "./style/parts.css";

const FIRST = "#/graph";

function open(root: HTMLElement): void {
  const held = document.getElementById("chainrule-recording")?.textContent;
  const recording = held ? (JSON.parse(held) as Recording) : null;
  const engine: Engine = recording ? recordedEngine(recording) : httpEngine();
  const place = placeInAddress(recording?.place ?? FIRST);
  draw(<App page={new Page(engine, place)} />, root);
}

/** In a notebook: `anywidget` calls this for each cell that shows the widget. */
function render({ model, el }: { model: WidgetModel; el: HTMLElement }): () => void {
  const page = new Page(widgetEngine(model), signal(placeOf(FIRST)));
  draw(<App page={page} />, el);
  return () => {
    page.close();
    draw(null, el);
  };
}

const root = document.getElementById("chainrule-explorer");
if (root) open(root);

export default { render };
