// The engine behind a local server. The cookie that the first address set proves who asks.
import type { Engine, EngineEvent } from "./engine";
import { Heard } from "./heard";
import { listenTo } from "./stream";
import { decode } from "./wire";

interface Reply {
  readonly status: number;
  readonly edition: string | null;
  readonly bytes: ArrayBuffer;
}

export function httpEngine(): Engine {
  const heard = new Heard();
  const listeners = new Set<(event: EngineEvent) => void>();
  return {
    live: true,
    async ask(question, params) {
      const answered = heard.asks();
      const reply = await replyTo(question, JSON.stringify(params));
      if (answered(reply?.edition ?? null)) {
        for (const listener of listeners) listener({ name: "forgotten", facts: {} });
      }
      if (!reply) {
        throw new Error("chainrule explore does not answer; is it still running in its terminal?");
      }
      if (reply.status !== 200) throw new Error(refusal(reply));
      return decode(reply.bytes);
    },
    listen(listener) {
      listeners.add(listener);
      const stop = listenTo(heard, listener);
      return () => {
        listeners.delete(listener);
        stop();
      };
    },
  };
}

/** What the server says, or null if there is none. */
async function replyTo(question: string, body: string): Promise<Reply | null> {
  try {
    const response = await fetch(`ask/${question}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
    });
    const edition = response.headers.get("Chainrule-Edition");
    return { status: response.status, edition, bytes: await response.arrayBuffer() };
  } catch {
    return null;
  }
}

function refusal({ bytes, status }: Reply): string {
  const text = new TextDecoder().decode(bytes);
  try {
    return String((JSON.parse(text) as { error: unknown }).error);
  } catch {
    return text || `the server answered with status ${status}`;
  }
}
