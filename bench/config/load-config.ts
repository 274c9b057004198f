/** Loads a user's configuration, checks its shape before anything uses it, and lays it beside the project's own parts. */
import { readFileSync } from "node:fs";
import { access } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { BenchError, policies, type Registries, type Registry, useKinds } from "../../contract/index.ts";
import { modelProfiles } from "../../fixtures/profiles.ts";
import { RECORDS_FILE, RUN_FILE } from "../records/files.ts";
import type { Config } from "./config.ts";
import { ownSandbox } from "./own-sandbox.ts";
import { firstProblem, fn, id, seeExtending, text } from "./shape.ts";

const schema = z.custom(
  (value) => typeof value === "object" && value !== null && "_zod" in value,
  "expected a zod schema (import { z } from mcp-code-bench)",
);

const claim = z.object({ text, source: text, profile: z.enum(modelProfiles.map((profile) => profile.id)) });

/** Shapes only. Parameters are checked when a run is planned; what a part does is not checked. */
const config = z.strictObject({
  scenarios: z
    .array(
      z.looseObject({
        ...{ id, title: text, source: text, params: schema, variants: z.array(z.looseObject({})).min(1) },
        ...{ virtualTime: z.boolean(), programs: z.instanceof(URL) },
        ...{ world: fn, direct: fn, code: fn, needs: fn, answer: fn, verify: fn, unavailable: fn.optional() },
        ...{ codeReturning: fn.optional(), claim: claim.optional() },
      }),
    )
    .optional(),
  modes: z
    .array(
      z.looseObject({
        ...{ id, title: text, source: text, control: z.boolean(), start: fn, agent: fn },
        ...{ policies: z.array(z.enum(policies)), showsOutputSchemas: z.boolean() },
        ...{ sandbox: z.object({ languages: z.array(z.enum(["javascript", "python"])).min(1) }).nullable() },
        ...{ treatment: z.enum([...useKinds, "callsFromPrograms"]) },
      }),
    )
    .optional(),
  sandboxes: z.record(id, fn).optional(),
  counters: z.array(z.looseObject({ id, title: text, version: text, estimate: z.boolean(), count: fn })).optional(),
  reporters: z.array(z.looseObject({ id, title: text, fileName: id, render: fn })).optional(),
});

/**
 * Imports `file` (absolute) with Node itself, which strips the types of TypeScript outside node_modules.
 *
 * Rejects with CONFIG when it is missing, throws, has another export than a default one, or is not shaped like `Config`.
 */
export async function loadConfig(file: string): Promise<Config> {
  await access(file).catch((cause: unknown) => {
    throw new BenchError("CONFIG", { file, problem: "no such file", fix: "Check --config." }, { cause });
  });
  let exports: object;
  try {
    exports = await import(pathToFileURL(file).href);
  } catch (cause) {
    const problem = `it cannot be loaded (${cause instanceof Error ? cause.message : String(cause)})`;
    throw new BenchError("CONFIG", { file, problem, fix: fixOf(cause, file) }, { cause });
  }
  const other = Object.keys(exports).find((name) => name !== "default");
  const fix = "Write export default defineConfig({ ... }).";
  if (other !== undefined) throw new BenchError("CONFIG", { file, problem: `unknown export "${other}"`, fix });
  if (!("default" in exports)) throw new BenchError("CONFIG", { file, problem: "no default export", fix });
  const problem = firstProblem(config, exports.default, "the default export");
  if (problem !== undefined) throw new BenchError("CONFIG", { file, problem, fix: seeExtending });
  return exports.default as Config;
}

function fixOf(cause: unknown, file: string): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ERR_MODULE_NOT_FOUND") return "Install what it imports, mcp-code-bench itself included, where the file is.";
  // Syntax errors of TypeScript have a code. Without a code, the engine met import or export in a CommonJS module.
  if (cause instanceof SyntaxError && code === undefined && /\.[jt]s$/.test(file)) {
    const commonJs = commonJsPackage(file);
    if (commonJs !== undefined)
      return `Set "type": "module" in ${commonJs}; or rename it and the parts it imports to .mts, and name it with --config.`;
  }
  return "Mend the file; node FILE shows the whole error.";
}

/** The package.json that makes `file` a CommonJS module. Where no package.json decides, Node finds out by itself. */
function commonJsPackage(file: string): string | undefined {
  const found = findPackageJSON(pathToFileURL(file));
  if (found === undefined) return undefined;
  return JSON.parse(readFileSync(found, "utf8")).type === "commonjs" ? found : undefined;
}

/** The project's registries with the parts of a configuration behind them. Rejects with CONFIG for an id that exists. */
export async function extendRegistries(own: Registries, config: Config, file: string): Promise<Registries> {
  const sandboxes = Object.entries(config.sandboxes ?? {}).map(([id, factory]) => ({ id, part: ownSandbox(id, factory, file) }));
  const agents = (config.modes ?? []).map(({ id, agent }) => ({ id, part: agent }));
  const reporters = parts(config.reporters);
  await checkFileNames(own.reporters, config, file);
  return {
    scenarios: extended({ kind: "scenario", own: own.scenarios, parts: parts(config.scenarios), file, isDefault: true }),
    modes: extended({ kind: "mode", own: own.modes, parts: parts(config.modes), file, isDefault: false }),
    agents: extended({ kind: "scripted agent of mode", own: own.agents, parts: agents, file, isDefault: false }),
    models: own.models,
    sandboxes: extended({
      kind: "sandbox",
      own: own.sandboxes,
      parts: sandboxes,
      taken: own.executors.ids,
      file,
      isDefault: false,
    }),
    executors: own.executors,
    counters: extended({ kind: "counter", own: own.counters, parts: parts(config.counters), file, isDefault: true }),
    reporters: extended({ kind: "reporter", own: own.reporters, parts: reporters, file, isDefault: true }),
    servers: own.servers,
  };
}

interface Part<T> {
  readonly id: string;
  readonly part: T;
}

function parts<T extends { readonly id: string }>(list: readonly T[] = []): Part<T>[] {
  return list.map((part) => ({ id: part.id, part }));
}

interface Extension<T> {
  readonly kind: string;
  readonly own: Registry<T>;
  readonly parts: readonly Part<T>[];
  /** Ids of another registry that the same flag names. */
  readonly taken?: readonly string[];
  readonly file: string;
  /** The new parts are in the default selection. */
  readonly isDefault: boolean;
}

function extended<T>({ kind, own, parts, taken = [], file, isDefault }: Extension<T>): Registry<T> {
  const added = new Map<string, T>();
  for (const { id, part } of parts) {
    const other = [...own.ids, ...taken].includes(id)
      ? "one of mcp-code-bench itself"
      : added.has(id)
        ? "another one of this file"
        : undefined;
    if (other !== undefined) {
      const problem = `${kind} "${id}" has the id of ${other}`;
      throw new BenchError("CONFIG", { file, problem, fix: "Give it another id." });
    }
    added.set(id, part);
  }
  const ids = [...added.keys()];
  return {
    ids: [...own.ids, ...ids],
    defaults: isDefault ? [...own.defaults, ...ids] : own.defaults,
    notHere: Object.fromEntries(Object.entries(own.notHere ?? {}).filter(([id]) => !added.has(id))),
    load: async (id) => added.get(id) ?? (await own.load(id)),
  };
}

/** Reports stand beside each other in one folder, on disks that may not tell case apart. */
async function checkFileNames(own: Registry<{ readonly fileName: string }>, config: Config, file: string): Promise<void> {
  if (config.reporters === undefined) return;
  const taken = new Set([RUN_FILE, RECORDS_FILE, "transcripts"]);
  for (const id of own.ids) taken.add((await own.load(id)).fileName.toLowerCase());
  for (const { id, fileName } of config.reporters) {
    if (taken.has(fileName.toLowerCase())) {
      const problem = `reporter "${id}" writes ${fileName}, which another report or the run itself writes`;
      throw new BenchError("CONFIG", { file, problem, fix: "Give it another fileName." });
    }
    taken.add(fileName.toLowerCase());
  }
}
