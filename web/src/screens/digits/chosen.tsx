// The inspector: the example that the page looks at, whichever screen it was chosen on.
import type { JSX } from "preact";
import { count, short } from "../../format";
import { useAbout, useMoment, type About } from "../../moment";
import { Pending } from "../../parts/problem";
import { Features } from "./features";
import { SeeElsewhere } from "./links";
import { Outputs } from "./outputs";
import { Overlay, OverlayText } from "./overlay";
import { useDigit, useOverview, useView, type Digit } from "./questions";

export function Chosen(): JSX.Element {
  const about = useAbout().value;
  const overview = useOverview().value;
  const { example } = useMoment();
  const [view] = useView();
  const answer = useDigit();
  const digit = answer.value;
  if (!about || !overview || !digit || answer.error !== undefined) return <Pending of={answer} />;
  return (
    <div class="digits-chosen">
      <h2>{example.includes(":") ? "Your drawing" : `Test example ${count(Number(example))}`}</h2>
      <p class="digits-verdict">
        <Verdict digit={digit} about={about} />
        cost&nbsp;<b>{short(digit.cost)}</b>
      </p>
      <SeeElsewhere />
      {overview.image ? (
        <Overlay digit={digit} image={overview.image} brightest={overview.brightest} />
      ) : (
        <Features digit={digit} about={about} />
      )}
      {view !== "draw" && <Outputs digit={digit} about={about} />}
      {overview.image && <OverlayText digit={digit} image={overview.image} />}
    </div>
  );
}

function Verdict({ digit, about }: { digit: Digit; about: About }): JSX.Element | null {
  const { label, said } = digit;
  if (label === null || said === null) return null;
  return (
    <>
      {about.target} <b>{about.classes[label]}</b>, the network says{" "}
      <b>{about.classes[said]}</b>{" "}
      <span class={label === said ? "digits-right" : "digits-wrong"}>
        {label === said ? "✓" : "✗ wrong"}
      </span>
      {", "}
    </>
  );
}
