/**
 * The runner as one file of JavaScript, to be put into an image, a virtual machine or a remote box. The package ships it
 * built; in the sources it is built on first use.
 */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const inSources = import.meta.url.endsWith(".ts");
/** Beside this file in the package. */
const built = fileURLToPath(new URL("./runner.bundle.mjs", import.meta.url));
/** Ignored by git. */
const cacheFolder = fileURLToPath(new URL("../../../.generated/runner", import.meta.url));

export interface RunnerBundle {
  /** Absolute path of the file. */
  readonly file: string;
  readonly source: string;
  /** Of the source, in hexadecimal. */
  readonly sha256: string;
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
  });
  return outputFiles[0]?.text ?? "";
}

let bundle: Promise<RunnerBundle> | undefined;

/**
 * The runner for JavaScript programs, read once a process. A command starts it with `stdio` after its file
 * (`node runner.mjs stdio`), and the guest must be able to read the file. It belongs to the package: nobody removes it.
 */
export function runnerBundle(): Promise<RunnerBundle> {
  bundle ??= load();
  return bundle;
}

async function load(): Promise<RunnerBundle> {
  const source = inSources ? await buildRunner() : readFileSync(built, "utf8");
  const sha256 = createHash("sha256").update(source).digest("hex");
  if (!inSources) return { file: built, source, sha256 };
  const file = join(cacheFolder, `${sha256.slice(0, 16)}.mjs`);
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    // Several test processes may do this at once.
    const own = `${file}.${randomUUID()}`;
    writeFileSync(own, source);
    renameSync(own, file);
  }
  return { file, source, sha256 };
}
