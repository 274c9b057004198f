/** The run as one picture: what fills each conversation's largest context, one mode beside the other, against the model's window. */

import type { Cause, Reporter, RunInfo } from "../contract/index.ts";
import { svgText } from "./escape.ts";
import { type Block, type Side, type Summary, summarise } from "./figures/summarise.ts";
import { count } from "./numbers.ts";
import { shortLabel } from "./short.ts";
import { notFittingMark, notRobustMark, reductionText, sideNames } from "./wording.ts";

/** Colours that stay apart for colour-blind readers (Okabe and Ito, 2008), and greys for what every mode has. */
const colours: { readonly [C in Cause]?: string } = {
  toolDefinitions: "#0072b2",
  toolCalls: "#d55e00",
  toolResults: "#e69f00",
  discovery: "#009e73",
  code: "#cc79a7",
  codeOutput: "#56b4e9",
  instructions: "#f0e442",
  framing: "#444444",
};
const otherColour = "#9a9a9a";

const width = 960;
const margin = { left: 300, right: 150, top: 104, bottom: 64 };
const barHeight = 14;
const rowHeight = 44;
const lineHeight = 16;
/** The axis goes this far past the largest window. A longer bar is cut; the number beside it is whole. */
const axisWindows = 1.2;

export const svgReporter: Reporter = {
  id: "svg",
  title: "Picture: what fills the context, the baseline beside another mode",
  fileName: "summary.svg",
  render(run, records) {
    const summary = summarise(run, records);
    const shown = summary.blocks.filter(({ baseline, ways }) => baseline?.figures != null && ways[0]?.figures != null);
    const windows = shownWindows(run);
    const axis = axisWindows * Math.max(...windows.map(({ tokens }) => tokens));
    const plotWidth = width - margin.left - margin.right;
    const scale = (tokens: number) => (Math.min(tokens, axis) / axis) * plotWidth;
    const plotEnd = margin.top + shown.length * rowHeight;
    const height = plotEnd + windows.length * lineHeight + margin.bottom;
    const names = sideNames(run);
    const counted = records.find((record) => record.status === "passed");
    const counter = counted?.status === "passed" ? (counted.ledgers[0]?.counter ?? "") : "";
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="12" role="img" aria-label="Peak context in tokens, of two modes beside each other">
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="16" y="28" font-size="17" font-weight="600" fill="#1a1a1a">Peak context in tokens: ${svgText(names.baseline)} (upper bar) and ${svgText(names.compared)} (lower bar)</text>
${legend()}
<text x="${width - 16}" y="${margin.top - 14}" text-anchor="end" fill="#555555">reduction</text>
${windows.map((window, i) => windowLine(window, margin.left + scale(window.tokens), plotEnd, i)).join("\n")}
<text x="16" y="${height - 12 - lineHeight}" fill="#555555">Bars and reductions: median over seeds; reduction = 1 - ${svgText(names.compared)}/${svgText(names.baseline)}. Counted with ${svgText(counter)}, an estimate for Claude.</text>
<text x="16" y="${height - 12}" fill="#555555">${notFittingMark} does not fit the window of ${svgText(run.profiles.model.id)}. ${notRobustMark} the sign depends on a choice: see "Not robust" in the report.</text>
${shown.map((block, i) => row(run, summary, block, margin.top + i * rowHeight, scale)).join("\n")}
</svg>
`;
  },
};

interface Window {
  readonly tokens: number;
  /** Ids of the profiles that have it. */
  readonly of: readonly string[];
}

/** The run's, and those of the claims' dates. */
function shownWindows({ profiles, claims }: RunInfo): readonly Window[] {
  const dated = profiles.others.filter(({ id }) => claims.some((claim) => claim.profile === id));
  const bySize = Map.groupBy([profiles.model, ...dated], ({ contextWindowTokens }) => contextWindowTokens);
  return [...bySize].map(([tokens, own]) => ({ tokens, of: own.map(({ id }) => id) }));
}

function windowLine({ tokens, of }: Window, x: number, plotEnd: number, place: number): string {
  const y = plotEnd + (place + 1) * lineHeight;
  return `<line x1="${round(x)}" x2="${round(x)}" y1="${margin.top - 12}" y2="${y - 12}" stroke="#444444" stroke-dasharray="3 3"/>
<text x="${round(x)}" y="${y}" text-anchor="middle" fill="#444444">window of ${svgText(of.join(" and "))}: ${count(tokens)}</text>`;
}

function row(run: RunInfo, summary: Summary, block: Block, y: number, scale: (tokens: number) => number): string {
  const [way] = block.ways;
  const reduction = way === undefined ? "" : reductionText(way.reductions.peakContext);
  const bars = [block.baseline, way].map((side, i) => bar(side ?? null, y + i * (barHeight + 2), scale));
  return `<text x="16" y="${y + 12}" font-weight="600" fill="#1a1a1a">${svgText(block.scenario)}</text>
<text x="16" y="${y + 28}" fill="#555555">${svgText(shortLabel(run, summary, block))}</text>
${bars.join("\n")}
<text x="${width - 16}" y="${y + 20}" text-anchor="end" font-size="14" font-weight="600" fill="#1a1a1a">${svgText(reduction)}</text>`;
}

/** The median peak context by cause, and its tokens behind it. */
function bar(side: Side | null, y: number, scale: (tokens: number) => number): string {
  if (side?.figures == null) return "";
  let sum = 0;
  const parts = side.figures.causes
    .filter(({ peakContext }) => peakContext > 0)
    .map(({ cause, peakContext }) => {
      const from = scale(sum);
      sum += peakContext;
      const colour = colours[cause] ?? otherColour;
      return `<rect x="${round(margin.left + from)}" y="${y}" width="${round(scale(sum) - from)}" height="${barHeight}" fill="${colour}"/>`;
    });
  const mark = side.figures.seedsNotFitting > 0 ? notFittingMark : "";
  // A cut bar shows that it goes on: a slanted gap before its end.
  const end = margin.left + scale(sum);
  const cut =
    scale(sum) < scale(Number.POSITIVE_INFINITY)
      ? []
      : [`<path d="M${end - 16} ${y + barHeight}l6 -${barHeight}" stroke="#ffffff" stroke-width="3"/>`];
  // The window's line runs behind a number, not through it.
  const label = `<text x="${round(end + 6)}" y="${y + barHeight - 3}" fill="#1a1a1a" stroke="#ffffff" stroke-width="3" paint-order="stroke">${count(sum)}${mark}</text>`;
  return [...parts, ...cut, label].join("\n");
}

function legend(): string {
  const entries = [...Object.entries(colours), ["system, prompt, text", otherColour] as const];
  let x = 16;
  return entries
    .map(([name, colour]) => {
      const at = x;
      x += 34 + name.length * 6.6;
      return `<rect x="${at}" y="46" width="12" height="12" fill="${colour}"/><text x="${at + 17}" y="56" fill="#333333">${name}</text>`;
    })
    .join("\n");
}

const round = (value: number) => Math.round(value * 100) / 100;
