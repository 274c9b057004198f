/** Which subjects a reader should see first: those of published claims, and those whose conclusions move. */

import type { RunInfo } from "../contract/index.ts";
import { type Block, ofWay, type Summary } from "./figures/summarise.ts";

/**
 * The claims' workflows, each with the most tools it was played with; then the subjects with conclusions that are not
 * robust, the least robust first. Without either, the subject whose baseline bills most.
 */
export function tellingBlocks(run: RunInfo, summary: Summary): readonly Block[] {
  const flips = (block: Block) => flipsOf(summary, block);
  const claimed = claimBlocks(run, summary);
  const moving = comparable(summary)
    .filter((block) => !claimed.includes(block) && flips(block) > 0)
    .toSorted((a, b) => flips(b) - flips(a));
  const telling = [...claimed, ...moving];
  if (telling.length > 0) return telling;
  const billed = ({ baseline }: Block) => baseline?.figures?.figures.billed.median ?? 0;
  return comparable(summary)
    .toSorted((a, b) => billed(b) - billed(a))
    .slice(0, 1);
}

/** The block that stands for each claim, in the order of the claims: the first of those with the most tools. */
export function claimBlocks({ claims }: RunInfo, summary: Summary): readonly Block[] {
  return claims.flatMap((claim) =>
    comparable(summary)
      .filter(({ scenario }) => scenario === claim.scenario)
      .toSorted((a, b) => (b.tools ?? 0) - (a.tools ?? 0))
      .slice(0, 1),
  );
}

function comparable({ blocks }: Summary): readonly Block[] {
  return blocks.filter(({ baseline, ways }) => baseline?.figures != null && ways[0]?.figures != null);
}

function flipsOf({ robustness }: Summary, block: Block): number {
  const [way] = block.ways;
  return way === undefined ? 0 : ofWay(robustness, block, way).reduce((sum, { flips }) => sum + flips.length, 0);
}
