// The engine in a notebook: the kernel answers, by the messages of an anywidget. The other side is
// src/chainrule/explorer/notebook.py.
import { signal, type Signal } from "@preact/signals";
import { hashOf, placeOf, type Place } from "../place";
import type { Engine, EngineEvent } from "./engine";
import { decode, factsOf } from "./wire";

type OfMessage = (content: unknown, buffers: readonly DataView[]) => void;
type OfChange = () => void;

/** The part of an anywidget's model that is used here. */
export interface WidgetModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: unknown): void;
  on(event: "msg:custom", listener: OfMessage): void;
  on(event: "change:at", listener: OfChange): void;
  off(event: "msg:custom", listener: OfMessage): void;
  off(event: "change:at", listener: OfChange): void;
}

type FromKernel = { id: string; error?: string } | { event: string; facts: unknown };

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** The engine of one cell, and what ends it. */
export function widgetEngine(model: WidgetModel): Engine & { close(): void } {
  // all cells that show a widget hear all that the kernel says, so ids are this cell's own
  const cell = Math.random().toString(36).slice(2);
  const waiting = new Map<string, Waiting>();
  const listeners = new Set<(event: EngineEvent) => void>();
  let asked = 0;
  const heard: OfMessage = (content, buffers) => {
    const message = content as FromKernel;
    if ("event" in message) {
      const facts = factsOf(JSON.stringify(message.facts));
      for (const listener of listeners) listener({ name: message.event, facts });
      return;
    }
    const asker = waiting.get(message.id);
    waiting.delete(message.id);
    const buffer = buffers[0];
    if (message.error !== undefined) asker?.reject(new Error(message.error));
    else if (buffer) asker?.resolve(decode(bytesOf(buffer)));
  };
  model.on("msg:custom", heard);
  return {
    live: true,
    ask(question, params) {
      const id = `${cell}-${(asked += 1)}`;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        model.send({ id, ask: question, params });
      });
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => model.off("msg:custom", heard),
  };
}

const BETWEEN_WRITES = 120; // ms: each is a message to the kernel

/** A place that the kernel knows as `at`: it can move the page, and the notebook keeps it. */
export function placeInWidget(model: WidgetModel): [Signal<Place>, () => void] {
  const place = signal(placeOf(String(model.get("at"))));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = (): void => {
    timer = undefined;
    const hash = hashOf(place.value);
    if (hash === model.get("at")) return;
    model.set("at", hash);
    model.save_changes();
  };
  const moved = (): void => {
    const hash = String(model.get("at"));
    if (hash !== hashOf(place.value)) place.value = placeOf(hash);
  };
  const stop = place.subscribe(() => (timer ??= setTimeout(write, BETWEEN_WRITES)));
  model.on("change:at", moved);
  const close = (): void => {
    stop();
    clearTimeout(timer);
    model.off("change:at", moved);
  };
  return [place, close];
}

/** A copy that begins where an ArrayBuffer begins, as float32 buffers must. */
function bytesOf(view: DataView): ArrayBuffer {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice().buffer;
}
