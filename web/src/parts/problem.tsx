import type { JSX } from "preact";
import type { Answer } from "../engine/answers";

/** What stands in place of an answer that is not there yet, or went wrong. */
export function Pending({ of }: { readonly of: Answer<unknown> }): JSX.Element {
  if (of.error !== undefined) return <Problem text={of.error} />;
  return <p class="soft" role="status">{of.waiting ? "computing …" : ""}</p>;
}

export function Problem({ text }: { readonly text: string }): JSX.Element {
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}
