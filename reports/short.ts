/** Every subject in one line: under the run's profile, without framing, and as a claim's date had it. Unescaped. */

import { type ModelProfile, type RunInfo, withoutFraming } from "../contract/index.ts";
import { type Block, type ComparedWay, isControl, type Restated, type Summary } from "./figures/summarise.ts";
import { framingText, framingTokensOf } from "./notes.ts";
import { count } from "./numbers.ts";
import { claimBlocks } from "./telling.ts";
import { notFittingMark, reductionText, type SideNames, toolsText, variantText } from "./wording.ts";

export function shortHead({ baseline, compared }: SideNames): readonly [string, string, string, string, string] {
  return [baseline, compared, "peak", "billed", "cost"];
}

/** The cells under `shortHead`: peak context of both sides, and three reductions. Under the run's own facts without `id`. */
export function shortCells(block: Block, way: ComparedWay, id?: string): readonly string[] {
  const restated = way.restated.find((one) => one.id === id);
  if (id !== undefined && restated === undefined) return ["-", "-"];
  const { peakContext, billed, warmUsd } = restated?.reductions ?? way.reductions;
  const peaks = restated?.peakContext ?? {
    baseline: block.baseline?.figures?.figures.peakContext.median,
    compared: way.figures?.figures.peakContext.median,
  };
  const peak = (tokens: number | undefined) => (tokens === undefined ? "-" : count(tokens));
  return [peak(peaks.baseline), peak(peaks.compared), ...[peakContext, billed, warmUsd].map(reductionText)];
}

/** What sets a block apart from its siblings, and what it is: `400 tools (claim)`; `""` where there is nothing to say. */
export function shortLabel(run: RunInfo, summary: Summary, block: Block): string {
  return `${variantText(block, summary.blocks)}${kindText(run, summary, block)}`.trimStart();
}

/** The same with its scenario: `drive-to-salesforce, 400 tools (claim)`. */
export function shortName(run: RunInfo, summary: Summary, block: Block): string {
  const variant = variantText(block, summary.blocks);
  return `${block.scenario}${variant === "" ? "" : `, ${variant}`}${kindText(run, summary, block)}`;
}

/** Whether a block stands for a claim, or has only a control to show. */
function kindText(run: RunInfo, summary: Summary, block: Block): string {
  const [way] = block.ways;
  const control = way !== undefined && isControl(run, way);
  return `${claimBlocks(run, summary).includes(block) ? " (claim)" : ""}${control ? " (a control)" : ""}`;
}

export interface ShortTable {
  readonly id: string;
  readonly title: string;
  readonly about: string;
}

/** The short tables beside the headline: without framing, and under the profile of each claim's date. */
export function otherShortTables(run: RunInfo, summary: Summary): readonly ShortTable[] {
  const framing = framingTokensOf(summary);
  const dated = new Set(run.claims.map(({ profile }) => profile));
  return [
    ...(framing === null || framing === 0
      ? []
      : [
          {
            id: withoutFraming,
            title: "Without framing",
            about: `Without the provider's own tool-use prompt: ${count(framing)} tokens in each request with tools, in the provider's tokens, added unchanged under every counter.`,
          },
        ]),
    ...run.profiles.others
      .filter(({ id }) => dated.has(id))
      .map((profile) => ({
        id: profile.id,
        title: `Under ${profile.id}`,
        about: `The model of the claim's date, as of ${profile.asOf}: ${windowText(profile)} (${notFittingMark} does not fit it), ${framingText(framingUnder(summary, profile.id))}.`,
      })),
  ];
}

/** Each claim beside its workflow's peak context, under the run's profile and that of its date. */
export function claimTexts(run: RunInfo, summary: Summary): readonly string[] {
  const blocks = claimBlocks(run, summary);
  return run.claims.flatMap((claim) => {
    const block = blocks.find(({ scenario }) => scenario === claim.scenario);
    const way = block?.ways[0];
    if (block === undefined || way === undefined) return [];
    const here = [run.profiles.model, ...run.profiles.others.filter(({ id }) => id === claim.profile)].flatMap((profile) => {
      const own = profile === run.profiles.model;
      const [baseline, compared, reduction] = shortCells(block, way, own ? undefined : profile.id);
      if (reduction === undefined) return [];
      const dated = profile.id === claim.profile ? ", the model of its date" : "";
      return [`${baseline} became ${compared} (${reduction}) under ${profile.id}${dated}, ${windowText(profile)}`];
    });
    const played = `${block.scenario}, ${toolsText(block.tools)}`;
    return [`Claim: ${claim.text}. ${claim.source}. Its workflow, ${played}, peak context: ${here.join("; ")}.`];
  });
}

/** One row for each block and set of facts about the model, the run's own first. */
export interface RestatedRow {
  readonly block: Block;
  /** A profile's id, or `without framing`. */
  readonly under: string;
  readonly framing: string;
  /** Under `shortHead`. */
  readonly cells: readonly string[];
  readonly fits: string;
}

export function restatedRows(run: RunInfo, { blocks }: Summary): readonly RestatedRow[] {
  return blocks.flatMap((block) => {
    const [way] = block.ways;
    if (way === undefined) return [];
    const row = (under: string, framing: number | null, reductions: Restated["reductions"], id?: string): RestatedRow => ({
      block,
      under,
      framing: framing === null ? "not documented: not counted" : count(framing),
      cells: shortCells(block, way, id),
      fits: reductions.peakContext === null ? "-" : reductions.peakContext.fits ? "yes" : "NO",
    });
    const named = (id: string) => (id === withoutFraming ? `${run.profiles.model.id} without framing` : id);
    return [
      row(run.profiles.model.id, way.figures?.framingTokens ?? null, way.reductions),
      ...way.restated.map(({ id, framingTokens, reductions }) => row(named(id), framingTokens, reductions, id)),
    ];
  });
}

function framingUnder({ blocks }: Summary, id: string): number | null {
  const restated = blocks.flatMap(({ ways }) => ways.flatMap((way) => way.restated));
  return restated.find((one) => one.id === id)?.framingTokens ?? null;
}

function windowText({ contextWindowTokens }: ModelProfile): string {
  return `window of ${count(contextWindowTokens)} tokens`;
}
