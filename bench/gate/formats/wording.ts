/** What every format says, in the same words. Unescaped: each format escapes it. */
import { type Change, type Check, type CheckStatus, type GateReport, number, type Why } from "../report.ts";

/** What was found, figures first. */
export function findings({ changes, messages }: Check): readonly string[] {
  return [...changes.map(changeText), ...messages];
}

/** `peakContext +1: 1,104 to 1,105 in seed 1; grew in 5 of 5 seeds`. */
function changeText({ measure, seed, before, now, grewIn, shrankIn, seeds }: Change): string {
  const counts = [
    ...(grewIn > 0 ? [`grew in ${number(grewIn)}`] : []),
    ...(shrankIn > 0 ? [`shrank in ${number(shrankIn)}`] : []),
  ];
  return `${measure} ${signed(now - before)}: ${number(before)} to ${number(now)} in seed ${seed}; ${counts.join(", ")} of ${number(seeds)} ${seeds === 1 ? "seed" : "seeds"}`;
}

export interface WhyRow {
  /** 0: the measure, 1: a cause, 2: a tool or block. */
  readonly depth: 0 | 1 | 2;
  readonly label: string;
  readonly tokens: string;
}

/** `--why` as an indented list. */
export function whyRows({ kind, measure, seed, causes }: Why): readonly WhyRow[] {
  const show = kind === "growth" ? signed : number;
  const title = kind === "growth" ? `why ${measure} changed, seed ${seed}` : `what ${measure} is, seed ${seed}`;
  const total = causes.reduce((sum, { tokens }) => sum + tokens, 0);
  return [
    { depth: 0, label: title, tokens: show(total) },
    ...causes.flatMap(({ cause, tokens, items }): WhyRow[] => [
      { depth: 1, label: cause, tokens: show(tokens) },
      ...items
        .filter(({ name }) => name !== "")
        .map((item): WhyRow => ({ depth: 2, label: item.name, tokens: show(item.tokens) })),
    ]),
  ];
}

export function verdict({ passed, checks }: GateReport): string {
  const count = (status: CheckStatus) => checks.filter((check) => check.status === status).length;
  const more = [
    ...(["failed", "warning", "notice"] as const).flatMap((status) => {
      const found = count(status);
      return found === 0 ? [] : [`${number(found)} ${status === "failed" || found === 1 ? status : `${status}s`}`];
    }),
  ];
  const good = `${number(count("passed"))} of ${number(checks.length)} checks passed`;
  return `${passed ? "Passed" : "Failed"}: ${[good, ...more].join(", ")}.`;
}

const signed = (tokens: number): string => `${tokens > 0 ? "+" : ""}${number(tokens)}`;
