/**
 * The runner as one file of JavaScript, to be put into an image, a virtual machine or a remote box. The package ships it
 * built; in the sources it is built on first use. Beside it lies its compiled code, made by the Node that is running.
 */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import type { Plugin } from "esbuild";

const inSources = import.meta.url.endsWith(".ts");
/** Beside this file in the package. */
const built = fileURLToPath(new URL("./runner.bundle.cjs", import.meta.url));
/** Ignored by git. */
const cacheFolder = fileURLToPath(new URL("../../../.generated/runner", import.meta.url));

export interface RunnerBundle {
  /** Absolute path of the file. */
  readonly file: string;
  /**
   * Absolute paths of all that a box should hold: `file`, and compiled code of it, at `file` with `.cache` after it. There is
   * none where the package belongs to another user. Without it the runner starts some milliseconds later.
   */
  readonly files: readonly string[];
  readonly source: string;
  /** The runner alone, without what looks for its compiled code: for an engine that keeps compiled code itself. */
  readonly main: string;
  /** Of the source, in hexadecimal. */
  readonly sha256: string;
}

/**
 * The file around the runner, which stands in it as a text: V8 would read it as code once more, which takes longer than to
 * take the compiled code that lies beside the file. A box that holds the file alone, or forbids it the other one, starts it
 * some milliseconds later.
 */
const start = `((main) => {
  const { readFileSync } = process.getBuiltinModule("node:fs");
  const { Script } = process.getBuiltinModule("node:vm");
  let cachedData;
  try { cachedData = readFileSync(process.argv[1] + ".cache"); } catch {}
  new Script(main, { filename: "guest:runner", cachedData }).runInThisContext();
})`;
const named = "//# sourceURL=guest:runner";
const sourceOf = (main: string) => `${start}(${JSON.stringify(main)});${named}\n`;
const mainOf = (source: string) => JSON.parse(source.slice(start.length + 1, source.lastIndexOf(")"))) as string;

/**
 * Imports of Node's modules as reads of them: a script starts without Node's loader of modules, which takes longer than the
 * runner itself. Each name is read once at the start, as an import would be.
 */
const readBuiltins: Plugin = {
  name: "read-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "builtin" }));
    onLoad({ filter: /^/, namespace: "builtin" }, ({ path }) => {
      const reads = importedNames(path).map(
        (name) => `const _${name} = /* @__PURE__ */ read("${name}"); export { _${name} as ${name} };`,
      );
      const module = `const module = /* @__PURE__ */ process.getBuiltinModule("${path}"); export default module;`;
      return { contents: [module, "const read = (name) => module[name];", ...reads].join("\n") };
    });
  },
};

/** Packages in the bundle that import something of Node's. */
const packages = ["lru-cache"];

/** Names that the bundle's sources import from a module of Node's. All that a module has would differ from process to process. */
function importedNames(path: string): string[] {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const own = globSync("{runner,wire,workspace,guest}/**/*.ts", { cwd: root }).map((name) => join(root, name));
  const files = [...own, ...packages.map((name) => fileURLToPath(import.meta.resolve(name)))];
  const imports = new RegExp(`import\\s*(?:\\w+,\\s*)?\\{([^}]*)\\}\\s*from\\s*"${path}"`, "g");
  const lists = files.flatMap((file) => [...readFileSync(file, "utf8").matchAll(imports)].map(([, list = ""]) => list));
  const names = lists.flatMap((list) => list.split(",")).map((name) => name.trim().split(" as ")[0] ?? "");
  return [...new Set(names.filter((name) => /^\w+$/.test(name)))].sort();
}

/** Builds the runner from the sources. Needs esbuild, a development dependency. */
export async function buildRunner(): Promise<string> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../runner/process/runner.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node24",
    minify: true,
    legalComments: "none",
    plugins: [readBuiltins],
  });
  // ASCII, so that a byte is a character. Frames call it by a name, since its place is the host's.
  return sourceOf(`(async () => {"use strict";${outputFiles[0]?.text}})()\n${named}`);
}

let bundle: Promise<RunnerBundle> | undefined;

/**
 * The runner for JavaScript programs, read once a process. A command starts it with `stdio` after its file
 * (`node runner.cjs stdio`), and the guest must be able to read the file. It belongs to the package: nobody removes it.
 */
export function runnerBundle(): Promise<RunnerBundle> {
  bundle ??= load();
  return bundle;
}

async function load(): Promise<RunnerBundle> {
  const source = inSources ? await buildRunner() : readFileSync(built, "latin1");
  const sha256 = createHash("sha256").update(source).digest("hex");
  const file = inSources ? join(cacheFolder, `${sha256.slice(0, 16)}.cjs`) : built;
  if (!existsSync(file)) write(file, source);
  const main = mainOf(source);
  const cache = compiledCode(main, `${file}.cache`);
  return { file, files: cache === undefined ? [file] : [file, cache], source, main, sha256 };
}

/** Other processes may write or read the same file at the same time. */
function write(file: string, content: string | Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  const own = `${file}.${randomUUID()}`;
  writeFileSync(own, content, { mode: 0o644 });
  renameSync(own, file);
}

/** `file`, with what this Node compiles `main` to, unless it holds that. */
function compiledCode(main: string, file: string): string | undefined {
  try {
    const known = new Script(main, { cachedData: readFileSync(file), filename: "known" });
    if (known.cachedDataRejected === false) return file;
  } catch {
    // There is none yet.
  }
  const script = wholeScript(main);
  try {
    write(file, script.createCachedData());
    return file;
  } catch {
    // The package belongs to another user.
    return undefined;
  }
}

/** Compiled with all of its functions, and not only those that run at its start. */
function wholeScript(main: string): Script {
  setFlagsFromString("--no-lazy");
  try {
    // V8 would give what it has compiled under the same name.
    return new Script(main, { filename: "runner" });
  } finally {
    // Compiled code is for the flags that are set when it is written.
    setFlagsFromString("--lazy");
  }
}
