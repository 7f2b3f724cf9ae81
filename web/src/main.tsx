// Where the page begins: in a document of its own, served or saved, or in a cell of a notebook.
import { render as draw } from "preact";
import { App } from "./app";
import type { Engine } from "./engine/engine";
import { httpEngine } from "./engine/http";
import { recordedEngine, type Recording } from "./engine/recorded";
import { placeInWidget, widgetEngine, type WidgetModel } from "./engine/widget";
import { Page } from "./page";
import { placeInAddress } from "./place";
import "./style/theme.css";
import "./style/page.css";
import "./style/parts.css";

const FIRST = "#/graph";

function open(root: HTMLElement): void {
  const held = document.getElementById("chainrule-recording")?.textContent;
  const recording = held ? (JSON.parse(held) as Recording) : null;
  const engine: Engine = recording ? recordedEngine(recording) : httpEngine();
  const place = placeInAddress(recording?.place ?? FIRST);
  const page = new Page(engine, place);
  page.open();
  draw(<App page={page} />, root);
}

/** In a notebook: `anywidget` calls this for each cell that shows the widget. */
function render({ model, el }: { model: WidgetModel; el: HTMLElement }): () => void {
  const engine = widgetEngine(model);
  const [place, leave] = placeInWidget(model);
  const page = new Page(engine, place);
  page.open();
  el.style.height = `${Number(model.get("height"))}px`;
  el.style.overflow = "auto";
  el.style.container = "chainrule / inline-size"; // a cell can be narrow
  draw(<App page={page} />, el);
  return () => {
    page.close();
    engine.close();
    leave();
    draw(null, el);
  };
}

const root = document.getElementById("chainrule-explorer");
if (root) open(root);

export default { render };
