/**
 * What a run was asked to play, as far as the figures of a baseline depend on it. The lockfile holds it, so that a message
 * can name the command that plays it again. Sandboxes, repetitions and controls are left out: no figure of a baseline
 * depends on them.
 */
import { relative } from "node:path";
import type { z } from "zod";
import { type RunConfig, runConfigSchema } from "../../contract/index.ts";

export const selection = runConfigSchema
  .unwrap()
  .pick({
    ...{ scenarios: true, modes: true, baseline: true, models: true, languages: true, policies: true, outputSchemas: true },
    ...{ bounds: true, tools: true, params: true, seeds: true, profile: true, catalogue: true },
  })
  .strict();
export type Selection = Readonly<z.output<typeof selection>>;

/** @param cwd a catalogue is named relative to it, so that the file is the same on every machine */
export function selectionOf(config: RunConfig, cwd: string): Selection {
  const { catalogue, ...asked } = config;
  const named = catalogue === null ? null : relative(cwd, catalogue);
  return selection.strip().parse({ ...asked, catalogue: named });
}

/** Arguments of `run`, by field; empty for a field that needs no argument. */
const flags: { readonly [F in keyof Selection]: (of: Selection) => readonly string[] } = {
  scenarios: ({ scenarios }) => (scenarios.length === 0 ? [] : ["--scenario", scenarios.join(",")]),
  modes: ({ modes }) => (modes.length === 0 ? [] : ["--mode", modes.join(",")]),
  baseline: ({ baseline }) => ["--baseline", baseline],
  models: ({ models }) => (models.length === 0 ? [] : ["--model", models.join(",")]),
  languages: ({ languages }) => ["--language", languages.join(",")],
  policies: ({ policies }) => ["--policy", policies.join(",")],
  outputSchemas: ({ outputSchemas }) => ["--output-schemas", outputSchemas.join(",")],
  bounds: ({ bounds }) => (bounds ? [] : ["--no-bounds"]),
  tools: ({ tools }) => ["--tools", tools.map((count) => count ?? "own").join(",")],
  params: ({ params }) => params.flatMap((param) => ["--param", param]),
  seeds: ({ seeds }) => ["--seeds", `${seeds}`],
  profile: ({ profile }) => ["--profile", profile],
  catalogue: ({ catalogue }) => (catalogue === null ? [] : ["--catalogue", catalogue]),
};
const fields = Object.keys(selection.shape) as (keyof Selection)[];

/** What a field is called where it needs no argument. */
const withoutFlags: { readonly [F in keyof Selection]?: string } = {
  scenarios: "the default scenarios",
  modes: "the default modes",
  models: "the default models",
  bounds: "bounds",
  params: "no --param",
  catalogue: "no --catalogue",
};

/** Everything after `run` that plays it, whatever the defaults are by then. */
export function selectionFlags(of: Selection): readonly string[] {
  return fields.flatMap((field) => flags[field](of));
}

/** One sentence for each field in which they differ. */
export function selectionDifferences(run: Selection, baseline: Selection): readonly string[] {
  const text = (field: keyof Selection, of: Selection) => flags[field](of).join(" ") || (withoutFlags[field] ?? "");
  return fields
    .map((field) => [text(field, run), text(field, baseline)] as const)
    .filter(([now, before]) => now !== before)
    .map(([now, before]) => `This run was asked for ${now}, and the baseline for ${before}.`);
}
