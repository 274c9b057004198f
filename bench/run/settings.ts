/** What a run may be asked: one entry for each setting, with its flag, its default and how it is read. */
import { asText, type FlagOf, type FlagTable, isGiven, last, readFlags } from "../../contract/flags/flag.ts";
import { select } from "../../contract/flags/selection.ts";
import { bytes, commaSeparated, memoryBytes, milliseconds, oneOf, wholeNumber } from "../../contract/flags/values.ts";
import type { RunConfig } from "../../contract/index.ts";
// Not by the index: it loads every schema, and the help is shown without one.
import { defaultBaseline, outputSchemaChoices, policies } from "../../contract/mode.ts";
import { languages } from "../../contract/sandbox.ts";
import { serialisations } from "../../contract/serialisation.ts";
import { transports } from "../../contract/server.ts";
import { defaultModelProfile } from "../../fixtures/profiles.ts";

/** Ids that a registry checks. */
const ids = (name: string, summary: string): FlagOf<string[]> => ({
  ...{ name, value: "ID", repeats: true, summary },
  read: commaSeparated,
});

/** Ids of a list that is known here. Without a default that is all of them; `!id` takes away from it. */
const chosen =
  <T extends string>(all: readonly T[], kind?: string): FlagOf<T[]>["read"] =>
  (given, flag) => {
    const defaults = flag.default === undefined ? all : commaSeparated([flag.default]);
    const selected = select(kind ?? flag.name, commaSeparated(given), { ids: all, defaults });
    return selected.flatMap((id) => all.filter((known) => known === id));
  };

const number = (minimum: number) => last((name, text) => wholeNumber(name, text, minimum));

export const limitFlags: FlagTable<RunConfig["limits"]> = {
  memoryBytes: { name: "memory", value: "BYTES", summary: "sandbox memory", default: "256MiB", read: last(memoryBytes) },
  wallTimeMs: { name: "wall-time", value: "MS", summary: "one program's time", default: "30s", read: last(milliseconds) },
  outputBytes: { name: "output-bytes", value: "BYTES", summary: "one program's output", default: "1MiB", read: last(bytes) },
  cellTimeMs: { name: "cell-time", value: "MS", summary: "one cell's time", default: "120s", read: last(milliseconds) },
};

export const settingFlags: FlagTable<Omit<RunConfig, "limits">> = {
  scenarios: ids("scenario", "play this one; !ID leaves one out"),
  modes: ids("mode", "play this mode; !ID leaves one out"),
  baseline: {
    ...{ name: "baseline", value: "ID", summary: "mode that others are compared with", default: defaultBaseline },
    read: asText,
  },
  models: ids("model", "who writes the turns (scripted)"),
  languages: {
    ...{ name: "language", value: "ID", repeats: true, summary: "of programs: javascript, python", default: "javascript" },
    read: chosen(languages),
  },
  sandboxes: ids("sandbox", "play on this one; !ID leaves one out"),
  counters: ids("counter", "tokenizer; the first is primary"),
  serialisations: {
    ...{ name: "serialisation", value: "ID", repeats: true, summary: "json, raw (both; the first is primary)" },
    read: chosen(serialisations),
  },
  policies: {
    ...{ name: "policy", value: "ID", repeats: true, summary: "how scripted agents behave", default: "minimal" },
    read: chosen(policies),
  },
  outputSchemas: {
    ...{ name: "output-schemas", value: "ID", repeats: true, summary: "real, all, none", default: "real" },
    read: chosen(outputSchemaChoices, "choice of output schemas"),
  },
  bounds: { name: "no-bounds", summary: "leave out the cells for bounds", read: (given) => given.length === 0 },
  tools: {
    ...{ name: "tools", value: "N|own", repeats: true, summary: "definitions that direct sees (own and 400)" },
    read: (given, { name }) => [
      ...new Set(commaSeparated(given).map((text) => (text === "own" ? null : wholeNumber(name, text, 1)))),
    ],
  },
  params: { name: "param", value: "NAME=VALUE", repeats: true, summary: "a scenario's parameter", read: (given) => given },
  seeds: { name: "seeds", value: "N", summary: "different worlds of each scenario", default: "5", read: number(1) },
  repeat: { name: "repeat", value: "N", summary: "plays of each cell, for times", default: "1", read: number(1) },
  orderSeed: { name: "order-seed", value: "N", summary: "seed of the order of cells", default: "1", read: number(0) },
  controls: { name: "no-controls", summary: "leave out the control cells", read: (given) => given.length === 0 },
  profile: {
    ...{ name: "profile", value: "ID", summary: "prices, window, cache", default: defaultModelProfile.id },
    read: asText,
  },
  enforceWindow: { name: "enforce-window", summary: "end a cell that exceeds the window", read: isGiven },
  saveTranscripts: { name: "save-transcripts", summary: "keep every conversation", read: isGiven },
  transport: {
    ...{ name: "transport", value: "ID", summary: "memory, stdio, http: to the mock servers", default: "memory" },
    read: last((name, text) => oneOf(name, text, transports)),
  },
  catalogue: { name: "catalogue", value: "FILE", summary: "real MCP servers to add", read: (given) => given.at(-1) ?? null },
  catalogueTimeoutMs: {
    ...{ name: "catalogue-timeout", value: "MS", summary: "for each to start and answer", default: "30s" },
    read: last(milliseconds),
  },
};

/** Beside each scenario with its own tools alone: as many definitions as a well-connected client has. */
const defaultCatalogueTools = 400;

/** @param given the values of the flag of a name, in order. A catalogue is played as it is, unless tools are given. */
export function readSettings(given: (name: string) => readonly string[]): RunConfig {
  const settings = readFlags(settingFlags, given);
  const { tools, catalogue } = settings;
  const standard = catalogue === null ? [null, defaultCatalogueTools] : [null];
  return { ...settings, tools: tools.length > 0 ? tools : standard, limits: readFlags(limitFlags, given) };
}

/** The defaults of the command `run`, with `changes` laid over them. */
export function runConfig(changes: Partial<RunConfig> = {}): RunConfig {
  const { catalogue = null } = changes;
  return {
    ...readSettings((name) => (name === settingFlags.catalogue.name && catalogue !== null ? [catalogue] : [])),
    ...changes,
  };
}
