// The engine of an exported file: the answers of one moment, and no others.
import { keyOf, type Engine } from "./engine";
import { decode } from "./wire";

/** What the file holds: where the page opens, and by question the answers, zlib in base64. */
export interface Recording {
  readonly place: string;
  readonly answers: Readonly<Record<string, string>>;
  readonly errors?: Readonly<Record<string, string>>;
}

export function recordedEngine(recording: Recording): Engine {
  return {
    live: false,
    listen: () => () => undefined,
    async ask(question, params) {
      const key = keyOf(question, params);
      const failed = recording.errors?.[key];
      if (failed !== undefined) throw new Error(failed);
      const found = recording.answers[key];
      if (found === undefined) {
        throw new Error(
          "this file holds one moment, and this is not in it; chainrule explore answers more",
        );
      }
      return decode(await inflated(found));
    },
  };
}

function inflated(base64: string): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}
