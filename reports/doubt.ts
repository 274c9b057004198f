/** What each choice does to the conclusions, and which depend on one, in words. Unescaped: the formats escape it. */

import type { RunInfo } from "../contract/index.ts";
import { type Block, type ComparedWay, type Conclusion, ofWay, type Robustness, type Summary } from "./figures/summarise.ts";
import { notRobustMark, reductionText, toolsText } from "./wording.ts";

/** A conclusion about one way to play a subject whose sign is another under some choice. */
export interface Doubt {
  readonly block: Block;
  readonly way: ComparedWay;
  readonly conclusion: Robustness;
}

export function doubts({ blocks, robustness }: Summary): readonly Doubt[] {
  return blocks.flatMap((block) =>
    block.ways.flatMap((way) =>
      ofWay(robustness, block, way)
        .filter(({ flips }) => flips.length > 0)
        .map((conclusion) => ({ block, way, conclusion })),
    ),
  );
}

/** `policy repair -10.0%`: what a choice makes of a reduction. */
export function turnedText({ choice, ...tried }: Robustness["flips"][number]): string {
  return `${choice} ${triedCell(tried)}`;
}

export function triedCell({ reduction, fits }: Pick<Robustness["flips"][number], "reduction" | "fits">): string {
  return reductionText({ median: reduction, fits, robust: null });
}

/**
 * For the way that leads: each choice for which other conversations were played, with the reductions of peak context,
 * billed tokens and warm-cache cost; before them the headline's own. Empty if there was no such choice.
 */
export function playedRows({ robustness }: Summary, block: Block): readonly (readonly string[])[] {
  const [way] = block.ways;
  const found = way === undefined ? [] : ofWay(robustness, block, way);
  const choices = new Set(found.flatMap(({ tried }) => tried.filter(({ played }) => played).map(({ choice }) => choice)));
  if (way === undefined || choices.size === 0) return [];
  const cell = (measure: Conclusion, name: string): string => {
    const tried = found.find((one) => one.measure === measure)?.tried.find(({ choice }) => choice === name);
    return tried === undefined ? "" : triedCell(tried);
  };
  const measures = ["peakContext", "billed", "warmUsd"] as const;
  return [
    ["as compared", ...measures.map((measure) => reductionText(way.reductions[measure]))],
    ...[...choices].map((name) => [name, ...measures.map((measure) => cell(measure, name))]),
  ];
}

/** What was tried, so that a reader can judge what "robust" is worth. */
export function triedText({ config }: RunInfo, found: readonly Doubt[]): string {
  const choices =
    "each seed, counter, serialisation and model profile, no framing, and each policy and choice of output schemas that was played";
  const outcome =
    found.length === 0
      ? "No choice that was tried turns the sign of a reduction of peak context, billed tokens or warm-cache cost"
      : `Reductions marked ${notRobustMark} have another sign under a choice that was tried`;
  return `${outcome}. One at a time: ${choices}. ${boundsText(config)}`;
}

function boundsText({ bounds, tools }: RunInfo["config"]): string {
  if (!bounds) return "Only the policies and output schemas that are compared were played (--no-bounds).";
  const [first = null] = tools;
  const played = tools.includes(null) ? null : first;
  const others = tools.length > 1 ? " For other numbers of tools the same conversations are only counted again." : "";
  return `Policies and output schemas that are not compared were played on seed 1 with ${toolsText(played)} only.${others}`;
}
