import type { JSX } from "preact";
import type { About } from "../../moment";
import { largest } from "../../parts/colours";
import { Num } from "../../parts/number";
import type { Digit } from "./questions";

interface OutputsProps {
  readonly digit: Digit;
  readonly about: About;
}

/** The output layer as bars, a mark where the target is. */
export function Outputs({ digit, about }: OutputsProps): JSX.Element {
  const { outputs, targets } = digit;
  const most = Math.max(1, largest(outputs.data), largest(targets.data));
  const low = Math.min(0, ...outputs.data, ...targets.data) < 0 ? -most : 0;
  const at = (x: number): number => (100 * (x - low)) / (most - low);
  const name = (k: number): string =>
    about.classes[k] ?? (outputs.data.length > 1 ? `${about.target} ${k + 1}` : about.target);
  return (
    <table class="digits-outputs">
      <caption>Outputs, and where they should be</caption>
      <thead>
        <tr>
          <th scope="col">{about.target}</th>
          <th scope="col">output</th>
          <th scope="col">a</th>
          <th scope="col">target</th>
        </tr>
      </thead>
      <tbody>
        {Array.from(outputs.data, (a, k) => (
          <tr key={k} class={digit.said === k ? "digits-said" : ""}>
            <th scope="row">{name(k)}</th>
            <td>
              <Bar from={at(Math.min(0, a))} to={at(Math.max(0, a))} wanted={at(targets.at(k))} />
            </td>
            <td>
              <Num x={a} kind="value" />
            </td>
            <td>
              <Num x={targets.at(k)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface BarProps {
  readonly from: number;
  readonly to: number;
  readonly wanted: number;
}

/** Places are in parts of a hundred. */
function Bar({ from, to, wanted }: BarProps): JSX.Element {
  return (
    <span class="digits-bar-area">
      <span class="digits-bar" style={{ left: `${from}%`, width: `${to - from}%` }} />
      <span class="digits-wanted" style={{ left: `${wanted}%` }} />
    </span>
  );
}
