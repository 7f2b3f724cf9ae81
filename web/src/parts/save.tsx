// The moment as a file: what the screens show now, readable without Python.
import type { JSX } from "preact";
import { useContext, useState } from "preact/hooks";
import { useLive } from "../engine/answers";
import { PageContext } from "../page";
import { hashOf } from "../place";

export function SaveButton(): JSX.Element {
  const { engine, place } = useContext(PageContext);
  const live = useLive();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const save = async (): Promise<void> => {
    setBusy(true);
    setProblem("");
    try {
      const params = { place: hashOf(place.value) };
      const saved = (await engine.ask("session.saved", params)) as { html: string };
      download(saved.html, `chainrule-${place.value.screen}.html`);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  return (
    <span class="save">
      {problem && <span class="problem" role="alert">{problem}</span>}
      <button
        type="button"
        class="quiet"
        title="Save this moment as a file that opens without Python"
        disabled={!live}
        aria-disabled={busy}
        onClick={() => !busy && void save()}
      >
        {busy ? "Saving …" : "Save"}
      </button>
    </span>
  );
}

function download(html: string, name: string): void {
  const url = URL.createObjectURL(new Blob([html], { type: "text/html" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // the browser reads it after the click
}
