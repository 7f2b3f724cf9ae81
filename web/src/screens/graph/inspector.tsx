// What happens at the position: the rule in symbols and in numbers, the arguments, all numbers.
import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { useLive } from "../../engine/answers";
import { PageContext } from "../../page";
import { Formula } from "../../parts/formula";
import { useOwnId } from "../../parts/own-id";
import type { Stop } from "../../parts/graph-drawn";
import { Pending, Problem } from "../../parts/problem";
import { usePosition } from "../../parts/scrubber";
import { useText } from "../../place";
import { Arguments } from "./arguments";
import { ArrayNumbers } from "./numbers";
import { useDrawn, useRule, useVariable, type Back, type Drawn, type Rule } from "./questions";
import { useToggle } from "./toggling";

export function Inspector(): JSX.Element {
  const drawn = useDrawn();
  if (!drawn) return <p class="soft">There is no graph to look into.</p>;
  return <Inside drawn={drawn} />;
}

function Inside({ drawn }: { readonly drawn: Drawn }): JSX.Element {
  const [at, setAt] = usePosition(drawn.stops.length);
  const toggle = useToggle(drawn, at, setAt);
  const title = useOwnId();
  const stop = drawn.stops[at] as Stop;
  return (
    <div class="graph-inspector">
      <Position drawn={drawn} stop={stop} onOpen={(group) => toggle(group, true)} />
      <Looked drawn={drawn} moment={stop.at} />
      <Arguments drawn={drawn} />
      <h2 id={title}>All positions, in order</h2>
      <select
        class="graph-positions"
        size={Math.min(9, drawn.stops.length)}
        aria-labelledby={title}
        value={String(at)}
        onChange={(event) => setAt(Number(event.currentTarget.value))}
      >
        {drawn.stops.map((each, i) => (
          <option key={i} value={String(i)} class={each.phase}>
            {`${i + 1}  ${each.label}`}
          </option>
        ))}
      </select>
    </div>
  );
}

interface PositionProps {
  readonly drawn: Drawn;
  readonly stop: Stop;
  readonly onOpen: (group: string) => void;
}

function Position({ drawn, stop, onOpen }: PositionProps): JSX.Element {
  if (stop.phase === "given") {
    return (
      <section aria-label="At this position">
        <h2>Given: the arguments</h2>
        <p>Nothing is computed yet. Step forward: each box computes its value from what comes in.</p>
      </section>
    );
  }
  if (stop.phase === "seed") {
    const { latex } = drawn.of;
    return (
      <section aria-label="At this position">
        <h2>The sweep turns round</h2>
        <Formula block tex={String.raw`\frac{\partial ${latex}}{\partial ${latex}} = 1`} />
        <p>All values are known. Backwards, each box multiplies by its own derivative.</p>
      </section>
    );
  }
  if (stop.equation < 0) return <InGroup drawn={drawn} stop={stop} onOpen={onOpen} />;
  return <AtEquation stop={stop} />;
}

/** A folded group has no rule of its own. */
function InGroup({ drawn, stop, onOpen }: PositionProps): JSX.Element {
  const { engine } = useContext(PageContext);
  const live = useLive();
  const node = drawn.nodes.find((each) => each.key === stop.box);
  return (
    <section aria-label="At this position">
      <h2>{stop.label}</h2>
      <p>{node?.detail.split("\n").slice(2).map(shortPlace).join(", ")}</p>
      {engine.live ? (
        <button type="button" disabled={!live} onClick={() => onOpen(stop.box)}>
          Open this group
        </button>
      ) : (
        <p class="soft">The saved file has this group closed.</p>
      )}
    </section>
  );
}

/** A place without the folders of its file. */
function shortPlace(place: string): string {
  return place.slice(place.lastIndexOf("/") + 1);
}

function AtEquation({ stop }: { readonly stop: Stop }): JSX.Element {
  const answer = useRule(stop.equation);
  const { value: rule } = answer;
  if (!rule || answer.error !== undefined) return <Pending of={answer} />;
  return (
    <section aria-label="At this position" aria-busy={!answer.current}>
      {rule.problem && <Problem text={rule.problem} />}
      {stop.phase === "forward" ? <Forward rule={rule} /> : <Backward rule={rule} />}
      <Body rule={rule} backward={stop.phase === "backward"} />
    </section>
  );
}

/** "c = a + b = 2 + 1 = 3". */
function Forward({ rule }: { readonly rule: Rule }): JSX.Element | null {
  const { forward } = rule;
  if (!forward) return null;
  const isNumber = forward.results.length === 1 && typeof forward.results[0]?.value === "number";
  const numbers = forward.numbers ? ` = ${forward.numbers}` : "";
  const value = isNumber ? ` = ${forward.value}` : "";
  return (
    <>
      <h2>Forward</h2>
      <Formula block tex={`${forward.latex}${numbers}${value}`} />
      {!isNumber &&
        forward.results.map((result) => (
          <ArrayNumbers
            key={result.name}
            title={result.name}
            short={result.short}
            numbers={result.value}
            kind="value"
          />
        ))}
    </>
  );
}

function Backward({ rule }: { readonly rule: Rule }): JSX.Element {
  return (
    <>
      <h2>Backward{rule.forward ? <> through <Formula tex={rule.forward.latex} /></> : null}</h2>
      {rule.backward.map((back) => (
        <BackTo key={back.variable} back={back} />
      ))}
    </>
  );
}

/** What comes back to one operand, and the sum that it is a term of. */
function BackTo({ back }: { readonly back: Back }): JSX.Element {
  const { sum } = back;
  const isSum = sum.of > 1;
  return (
    <div class="back">
      {back.rules.map((term, i) => (
        <div key={i}>
          <Formula block tex={aligned(term.to, [term.chain, term.right], term.numbers, term.value)} />
          {!term.numbers && <p class="gradient number">{term.value}</p>}
          {term.when.length > 0 && <p class="soft">where {term.when.join(", ")}</p>}
        </div>
      ))}
      {isSum && (
        <div class="sum">
          <p>
            {sum.terms < sum.of
              ? `So far ${sum.terms} of ${sum.of} terms of the sum over all uses of ${back.variable}:`
              : `The ${sum.of} uses of ${back.variable}, added up:`}
          </p>
          <Formula block tex={sumTex(back)} />
          {!sum.numbers && <p class="gradient number">{sum.value}</p>}
        </div>
      )}
    </div>
  );
}

/** "c̄ += ē · ∂e/∂c = ē · d = 1 · 2 = 2", a line for each equals sign. */
function aligned(to: string, right: readonly string[], numbers: string, value: string): string {
  const steps = right.filter((tex) => tex !== "");
  if (numbers) steps.push(`${numbers} = ${value}`);
  const rows = steps.map((tex, i) => (i === 0 ? `${to} &\\mathrel{+}= ${tex}` : `&= ${tex}`));
  return `\\begin{aligned}${rows.join("\\\\[2pt]")}\\end{aligned}`;
}

function sumTex({ latex, sum }: Back): string {
  const steps = [sum.latex];
  const isVector = sum.numbers.includes("[");
  if (sum.numbers && sum.terms > 1 && isVector) steps.push(sum.numbers, sum.value);
  else if (sum.numbers) steps.push(sum.terms > 1 ? `${sum.numbers} = ${sum.value}` : sum.value);
  const rows = steps.map((tex, i) => (i === 0 ? `${latex} &= ${tex}` : `&= ${tex}`));
  return `\\begin{aligned}${rows.join("\\\\[2pt]")}\\end{aligned}`;
}

/** One turn of a loop, or the branch that is taken. */
function Body({ rule, backward }: { readonly rule: Rule; readonly backward: boolean }): JSX.Element | null {
  if (rule.body.length === 0) return null;
  return (
    <div class="body">
      <h2>{rule.title}</h2>
      {rule.body.map((row, i) => (
        <div key={i}>
          <Formula tex={row.latex} />
          {backward &&
            row.backward.map((tex, j) => (
              <div key={j} class="indented">
                <Formula tex={tex} />
              </div>
            ))}
        </div>
      ))}
    </div>
  );
}

/** The variable that was chosen in the picture. */
function Looked({ drawn, moment }: { readonly drawn: Drawn; readonly moment: number }): JSX.Element | null {
  const [chosen, setName] = useText("look");
  const name = drawn.edges.some((edge) => edge.variable === chosen) ? chosen : "";
  const answer = useVariable(name);
  const { value: found } = answer;
  if (!name) return null;
  if (answer.error !== undefined || !found) return <Pending of={answer} />;
  const isKnown = moment >= found.at;
  const hasGradient = found.gradient !== null && found.back >= 0 && moment >= found.back;
  return (
    <section aria-label="Chosen in the picture">
      <h2>
        <Formula tex={found.latex} /> <span class="soft type">{found.type}</span>
        <button type="button" class="quiet" aria-label="look at nothing" onClick={() => setName("")}>
          ×
        </button>
      </h2>
      {!isKnown && <p class="soft">not computed yet at this position</p>}
      {isKnown && <ArrayNumbers title={found.name} short={found.short} numbers={found.value} kind="value" />}
      {hasGradient && (
        <ArrayNumbers title={found.bar} short={found.short_gradient} numbers={found.gradient} kind="gradient" />
      )}
    </section>
  );
}
