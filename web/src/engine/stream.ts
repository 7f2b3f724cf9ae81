// The events of a server. A browser has six connections for all pages of a server, and a stream
// holds one; so a page that nobody looks at gives its own up, until it is looked at again.
import type { EngineEvent } from "./engine";
import type { Heard } from "./heard";
import { factsOf } from "./wire";

const NAMES = ["steps", "training", "checking", "forgotten"];
export const RESTS_AFTER = 2000; // ms out of sight
export const AGAIN_AFTER = 3000; // ms, where the browser does not try again by itself

/**
 * Events as they come; "begun" when they begin to come, with "forgotten" if some were missed, and
 * "lost" when the server is gone, `refused` if there is one that does not know this page.
 */
export function listenTo(heard: Heard, listener: (event: EngineEvent) => void): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = (): void => {
    clearTimeout(timer);
    source ??= streamOf(heard, listener, (stream) => void broke(stream));
  };
  const rest = (): void => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const broke = async (stream: EventSource): Promise<void> => {
    const final = stream.readyState === EventSource.CLOSED;
    const refused = final && (await isRefused());
    if (source !== stream) return; // given up meanwhile
    listener({ name: "lost", facts: { refused } });
    if (!final) return; // the browser tries again
    rest();
    timer = setTimeout(looked, AGAIN_AFTER);
  };
  const looked = (): void => {
    clearTimeout(timer);
    if (document.visibilityState !== "hidden") open();
    else if (source) timer = setTimeout(rest, RESTS_AFTER);
  };

  document.addEventListener("visibilitychange", looked);
  looked();
  return () => {
    document.removeEventListener("visibilitychange", looked);
    rest();
  };
}

function streamOf(
  heard: Heard,
  listener: (event: EngineEvent) => void,
  broke: (stream: EventSource) => void,
): EventSource {
  const stream = new EventSource("events");
  stream.addEventListener("begun", ({ lastEventId }: MessageEvent<string>) => {
    const missed = heard.begins(lastEventId);
    listener({ name: "begun", facts: {} });
    if (missed) listener({ name: "forgotten", facts: {} });
  });
  for (const name of NAMES) {
    stream.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) => {
      heard.hears(lastEventId);
      listener({ name, facts: factsOf(data) });
    });
  }
  stream.addEventListener("error", () => broke(stream));
  return stream;
}

/** Whether a server answers that does not know this page, such as one that was started anew. */
async function isRefused(): Promise<boolean> {
  try {
    return (await fetch("events", { method: "HEAD" })).status === 403;
  } catch {
    return false;
  }
}
