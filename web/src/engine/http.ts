// The engine behind a local server. The cookie that the first address set proves who asks.
import type { Engine, EngineEvent, Params } from "./engine";
import { decode, factsOf } from "./wire";

export function httpEngine(): Engine {
  return { live: true, ask, listen };
}

async function ask(question: string, params: Params): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`ask/${question}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(params),
    });
  } catch {
    throw new Error("chainrule explore does not answer; is it still running in its terminal?");
  }
  if (!response.ok) throw new Error(await refusal(response));
  return decode(await response.arrayBuffer());
}

async function refusal(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return String((JSON.parse(text) as { error: unknown }).error);
  } catch {
    return text || `the server answered with status ${response.status}`;
  }
}

/**
 * Events as they come, "opened" when they begin to, and "lost" when the server is gone. The browser
 * connects again by itself; what came meanwhile is not known.
 */
function listen(listener: (event: EngineEvent) => void): () => void {
  const source = new EventSource("events");
  let opened = false;
  source.addEventListener("open", () => {
    listener({ name: opened ? "forgotten" : "opened", facts: {} });
    opened = true;
  });
  source.addEventListener("error", () => listener({ name: "lost", facts: {} }));
  const names = ["steps", "training", "checking", "forgotten"];
  for (const name of names) {
    source.addEventListener(name, (message: MessageEvent<string>) =>
      listener({ name, facts: factsOf(message.data) }),
    );
  }
  return () => source.close();
}
