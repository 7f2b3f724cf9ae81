// What each way to all derivatives takes, as a table, and how that was measured in words.
import type { JSX } from "preact";
import { count, short } from "../../format";
import { Table } from "../../parts/table";
import { WAYS, type Measured, type Timing, type Way } from "./questions";

export const NAMES: Readonly<Record<Way, string>> = {
  evaluation: "evaluation",
  forward: "forward sweeps",
  reverse: "reverse sweeps",
  differences: "differences",
};

/** "1,245 ms", "0.14 ms", "1.2 s". */
export function milliseconds(ms: number): string {
  return ms >= 9999.5 ? `${short(ms / 1000, 3)} s` : `${plain(ms)} ms`;
}

function plain(ms: number): string {
  if (ms >= 1000) return count(Math.round(ms));
  const digits = ms >= 100 ? 0 : ms >= 10 ? 1 : ms >= 1 ? 2 : ms >= 0.1 ? 3 : 4;
  return ms.toFixed(digits);
}

/** How often one time is another: "8,500", "0.054". */
export function timesText(ratio: number): string {
  return ratio >= 100 ? count(Math.round(ratio)) : short(ratio, 2);
}

/** How a time came about: all sweeps were made, or a part of them. */
export function howMeasured({ sweeps, measured, runs }: Timing): string {
  if (runs > 1) return `median of ${count(runs)} runs`;
  if (runs === 1) return "one run";
  return `measured ${count(measured)} of ${count(sweeps)}, times ${short(sweeps / measured, 3)}`;
}

interface TimesProps {
  readonly measured: Measured;
  readonly caption: string;
  /** With a column that says how it was measured. */
  readonly how?: boolean;
}

export function TimesTable({ measured, caption, how = false }: TimesProps): JSX.Element {
  const reverse = measured.ways.reverse.milliseconds;
  const head = ["by", "sweeps", "time", "× reverse", ...(how ? ["measured"] : [])];
  return (
    <Table
      caption={caption}
      quiet
      head={head}
      rows={WAYS.map((way) => {
        const timing = measured.ways[way];
        return [
          <span class={`way ${way}`}>{NAMES[way].replace(" sweeps", "")}</span>,
          way === "evaluation" ? "" : count(timing.sweeps),
          <span title={howMeasured(timing)}>{milliseconds(timing.milliseconds)}</span>,
          timesText(timing.milliseconds / reverse),
          ...(how ? [howMeasured(timing)] : []),
        ];
      })}
    />
  );
}
