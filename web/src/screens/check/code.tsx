// The program whose gradient is checked, with the mistake marked.
import type { JSX } from "preact";
import { Pending } from "../../parts/problem";
import { useCode, type CheckState } from "./answers";

export function CodeView({ state }: { readonly state: CheckState }): JSX.Element | null {
  const answer = useCode(state);
  if (state.mistake === "") return null;
  if (!answer.value || answer.error !== undefined) return <Pending of={answer} />;
  const wrong = new Map(answer.value.wrong.map(({ line, right }) => [line, right]));
  return (
    <figure class="check-code">
      <figcaption>The program whose gradient is checked</figcaption>
      <pre tabIndex={0} aria-label="The program whose gradient is checked">
        {answer.value.lines.map((line, i) => {
          const right = wrong.get(i);
          if (right === undefined) return <span key={i}>{`${line}\n`}</span>;
          return (
            <span key={i}>
              <mark>{`${line}`}</mark>
              {"\n"}
              <span class="right">{`${" ".repeat(line.search(/\S/))}# right: ${right}\n`}</span>
            </span>
          );
        })}
      </pre>
    </figure>
  );
}
