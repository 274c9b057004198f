/** What a reader must know before believing a figure. Unescaped: the formats escape it. */

import type { RunInfo } from "../contract/index.ts";
import type { Reduction, Summary } from "./figures/summarise.ts";
import { count } from "./numbers.ts";
import { notFittingMark, notRobustMark } from "./wording.ts";

/** What the marks mean that the run's figures bear. */
export function markNotes(run: RunInfo, { blocks, bounds }: Summary): readonly string[] {
  const ways = blocks.flatMap((block) => block.ways);
  const shown = ways.flatMap(({ reductions, restated }): readonly (Reduction | null)[] => [
    ...Object.values(reductions),
    ...restated.flatMap((one) => Object.values(one.reductions)),
  ]);
  const unfitting = shown.some((one) => one?.fits === false) || bounds.some(({ low, high }) => !low.fits || !high.fits);
  const { id, contextWindowTokens } = run.profiles.model;
  return [
    ...(unfitting
      ? [
          `${notFittingMark} A conversation behind this figure does not fit ${id}'s window of ${count(contextWindowTokens)} tokens (in a table under another profile: its window): that model could not have played it.`,
        ]
      : []),
    ...(shown.some((one) => one?.robust === false)
      ? [`${notRobustMark} Not robust: the sign of this reduction depends on a choice; "Not robust" names which.`]
      : []),
  ];
}

/** How many tokens of framing every request with tools has, in words. */
export function framingText(tokens: number | null): string {
  return tokens === null ? "framing not documented: not counted" : `framing ${count(tokens)} tokens a request`;
}

/** Of the run's own profile; `null`: not documented, or nothing was played. */
export function framingTokensOf({ blocks }: Summary): number | null {
  const played = blocks.flatMap(({ baseline, ways }) => [baseline, ...ways]).find((side) => side?.figures != null);
  return played?.figures?.framingTokens ?? null;
}

const transportText: { readonly [T in RunInfo["config"]["transport"]]: string } = {
  memory: "in the harness's memory",
  stdio: "over stdio",
  http: "over Streamable HTTP",
};

/** What a reader must know before believing a figure. */
export function honestyNotes(run: RunInfo, summary: Summary): readonly string[] {
  const { model, speed, toolLatency } = run.profiles;
  const { machines, config } = run;
  const tokens = framingTokensOf(summary);
  const framing =
    tokens === null
      ? framingText(tokens)
      : `${framingText(tokens)} with tools (the provider's own tool-use prompt, in its tokens, added unchanged under every counter)`;
  // In the order asked for; the versions are written in it.
  const counters = Object.keys(run.versions).flatMap((name) =>
    name.startsWith("counter ") ? config.serialisations.map((serialisation) => `${name.slice(8)} ${serialisation}`) : [],
  );
  const [primary = "the first selected counter"] = counters;
  return [
    "Scripted runs measure what a conversation costs and how a runtime behaves. They say nothing about whether a model would write that program.",
    `Tokens are counted with ${primary}${counters.length > 1 ? `; also counted: ${counters.slice(1).join(", ")}` : ""}. Every public counter is an estimate for Claude.`,
    `n = ${config.seeds} ${config.seeds === 1 ? "seed" : "seeds"} x ${config.repeat} ${config.repeat === 1 ? "repetition" : "repetitions"}. Tokens are deterministic for a seed: medians are over seeds, with the lowest and highest. Only measured times have intervals (95%, bootstrap, from 6 samples).`,
    `Prices, window and framing: ${model.id}, ${model.asOf}; ${framing}. Modelled times: speed ${speed.id}, ${speed.asOf}; tool latency ${toolLatency.id}, ${toolLatency.asOf}. "Played here" is measured, without a model: mock servers answer at once.`,
    ...machines.map(
      ({ node, platform, arch, cpu, cpus, memoryBytes }) =>
        `Measured on Node ${node}, ${platform} ${arch}, ${cpu} x ${cpus}, ${(memoryBytes / 1024 ** 3).toFixed(1)} GiB; mock servers ${transportText[config.transport]}.`,
    ),
    ...(machines.length > 1 ? ["Times of a way that several machines played are not pooled, and not shown."] : []),
    `Versions: ${Object.entries(run.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
    ...(run.catalogueServers.length === 0 ? [] : ['The catalogue\'s tools are part of every row, "own tools" included.']),
    ...run.catalogueServers.map(
      ({ name, version, protocol, tools }) =>
        `Catalogue server ${name} ${version}, protocol ${protocol}: ${count(tools)} ${tools === 1 ? "tool" : "tools"}.`,
    ),
    ...refusedNotes(run),
  ];
}

/** One note a server whose tools a model could not be given as they are. */
export function refusedNotes({ catalogueServers }: RunInfo): readonly string[] {
  return catalogueServers
    .filter(({ refused }) => refused.tools > 0)
    .map(({ name, tools, refused }) => {
      const more = refused.tools - refused.examples.length;
      const names = `${refused.examples.join(", ")}${more > 0 ? ` and ${count(more)} more` : ""}`;
      return `The Messages API would refuse ${count(refused.tools)} of the ${count(tools)} tool names of catalogue server ${name}, which may have letters, digits, _ and -, at most 128 with the server's name: ${names}. They are counted as they are; a client has to rename them.`;
    });
}
