// The engine in a notebook: the kernel answers, by the messages of an anywidget.
import type { Engine, EngineEvent } from "./engine";
import { decode } from "./wire";

/** The part of an anywidget's model that is used here. */
export interface WidgetModel {
  send(content: unknown): void;
  on(event: "msg:custom", listener: (content: unknown, buffers: DataView[]) => void): void;
}

type FromKernel = { id: number; error?: string } | { event: string; facts: EngineEvent["facts"] };

export function widgetEngine(model: WidgetModel): Engine {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Set<(event: EngineEvent) => void>();
  let asked = 0;
  model.on("msg:custom", (content, buffers) => {
    const message = content as FromKernel;
    if ("event" in message) {
      for (const listener of listeners) listener({ name: message.event, facts: message.facts });
      return;
    }
    const promise = waiting.get(message.id);
    waiting.delete(message.id);
    const buffer = buffers[0];
    if (message.error !== undefined) promise?.reject(new Error(message.error));
    else if (buffer) promise?.resolve(decode(bytesOf(buffer)));
  });
  return {
    live: true,
    ask(question, params) {
      const promise = Promise.withResolvers<unknown>();
      asked += 1;
      waiting.set(asked, promise);
      model.send({ id: asked, ask: question, params });
      return promise.promise;
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A copy that begins where an ArrayBuffer begins, as float32 buffers must. */
function bytesOf(view: DataView): ArrayBuffer {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice().buffer;
}
