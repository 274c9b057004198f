/** Which conclusions depend on a choice, in words. Unescaped: the formats escape it. */
import { type Block, ofWay, type Robustness, type Summary, type Way } from "../bench/summarise.ts";
import type { RunInfo } from "../bench/types/index.ts";
import { notRobustMark, toolsText } from "./wording.ts";

/** A conclusion about one way to play a subject whose sign is another under some choice. */
export interface Doubt {
  readonly block: Block;
  readonly way: Way;
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
