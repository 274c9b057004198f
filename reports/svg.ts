/** The run as one picture: what fills each conversation's largest context, direct beside code, against the model's window. */
import { type Block, type Side, summarise } from "../bench/summarise.ts";
import type { Cause, Reporter } from "../bench/types/index.ts";
import { svgText } from "./escape.ts";
import { count } from "./numbers.ts";
import { notFittingMark, reductionText, variantText } from "./wording.ts";

/** Colours that stay apart for colour-blind readers (Okabe and Ito, 2008), and greys for what every mode has. */
const colours: { readonly [C in Cause]?: string } = {
  toolDefinitions: "#0072b2",
  toolCalls: "#d55e00",
  toolResults: "#e69f00",
  discovery: "#009e73",
  code: "#cc79a7",
  codeOutput: "#56b4e9",
};
const otherColour = "#9a9a9a";

const width = 960;
const margin = { left: 300, right: 150, top: 96, bottom: 56 };
const barHeight = 14;
const rowHeight = 44;
/** The axis goes this far past the window; a longer bar is cut, and its number tells. */
const axisWindows = 1.2;

export const svgReporter: Reporter = {
  id: "svg",
  title: "Picture: what fills the context, direct beside code",
  fileName: "summary.svg",
  render(run, records) {
    const { blocks } = summarise(run, records);
    const shown = blocks.filter(({ direct, ways }) => direct?.figures != null && ways[0]?.figures != null);
    const window = run.profiles.model.contextWindowTokens;
    const counted = records.find((record) => record.status === "passed");
    const counter = counted?.status === "passed" ? (counted.ledgers[0]?.counter ?? "") : "";
    const plotWidth = width - margin.left - margin.right;
    const scale = (tokens: number) => (Math.min(tokens, window * axisWindows) / (window * axisWindows)) * plotWidth;
    const height = margin.top + shown.length * rowHeight + margin.bottom;
    const windowX = margin.left + scale(window);
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="12" role="img" aria-label="Peak context in tokens, direct tool calls beside code execution">
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="16" y="28" font-size="17" font-weight="600" fill="#1a1a1a">Peak context in tokens: direct tool calls (upper bar) and code execution (lower bar)</text>
${legend()}
<line x1="${windowX}" x2="${windowX}" y1="${margin.top - 12}" y2="${height - margin.bottom}" stroke="#444444" stroke-dasharray="3 3"/>
<text x="${windowX}" y="${height - margin.bottom + 16}" text-anchor="middle" fill="#444444">window of ${svgText(run.profiles.model.id)}: ${count(window)}</text>
<text x="16" y="${height - 12}" fill="#555555">Bars: the lowest seed. At the right: reduction, median over seeds. * does not fit the window. Counted with ${svgText(counter)}, an estimate for Claude.</text>
${shown.map((block, i) => row(block, blocks, margin.top + i * rowHeight, scale)).join("\n")}
</svg>
`;
  },
};

function row(block: Block, blocks: readonly Block[], y: number, scale: (tokens: number) => number): string {
  const [way] = block.ways;
  const variant = variantText(block, blocks);
  const saved = way === undefined ? "" : reductionText(way.reductions.peakContext);
  const bars = [block.direct, way].map((side, i) => bar(side ?? null, y + i * (barHeight + 2), scale));
  return `<text x="16" y="${y + 12}" font-weight="600" fill="#1a1a1a">${svgText(block.scenario)}</text>
<text x="16" y="${y + 28}" fill="#555555">${svgText(variant)}</text>
${bars.join("\n")}
<text x="${width - 16}" y="${y + 20}" text-anchor="end" font-size="14" font-weight="600" fill="#1a1a1a">${saved === "" ? "" : `-${svgText(saved)}`.replace("--", "+")}</text>`;
}

/** The lowest seed's peak context by cause, and its tokens behind it. */
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
  const label = `<text x="${round(end + 6)}" y="${y + barHeight - 3}" fill="#1a1a1a">${count(sum)}${mark}</text>`;
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
