/** What a language needs inside the machine: this machine's own interpreter, what that loads, and the runner. */
import { readFile, realpath, stat } from "node:fs/promises";
import { join, parse } from "node:path";
import type { Language } from "../../../contract/index.ts";
import { runnerBundle } from "../../host/runner/bundle.ts";
import { pythonArguments, pythonPath, pythonRunner, pythonVersion } from "../../host/runner/python-files.ts";
import { standardLibrary } from "../../host/runner/standard-library.ts";
import type { ArchiveFile } from "./archive.ts";

const nodePath = "/usr/bin/node";
const runnerPath = "/opt/mcp-code-bench/runner.cjs";
const pythonRunnerPath = "/opt/mcp-code-bench/python";

/**
 * `with-machine`: the first runner starts with the machine, so that a snapshot holds it ready, and is given random numbers
 * of its own later. `with-session`: it starts once the machine has its own.
 */
export type FirstRunner = "with-machine" | "with-session";

export interface Engine {
  /** Path without a leading `/`. */
  readonly files: ReadonlyMap<string, ArchiveFile>;
  /** Programs and libraries of this machine. What they load comes in as well. */
  readonly binaries: readonly string[];
  /** Absolute path in the machine. */
  readonly program: string;
  /** Words of a shell, which knows `$heap`. The channel and how the runner before it ended follow. */
  readonly arguments: readonly string[];
  readonly firstRunner: FirstRunner;
}

/** `node`: absolute path of the Node for JavaScript. */
export const engineFor = (language: Language, node: string): Promise<Engine> =>
  language === "python" ? pythonEngine() : nodeEngine(node);

async function nodeEngine(path: string): Promise<Engine> {
  const node = await realpath(path);
  const { source } = await runnerBundle();
  return {
    files: new Map<string, ArchiveFile>([
      [nodePath.slice(1), { bytes: await readFile(node), program: true }],
      [runnerPath.slice(1), { bytes: Buffer.from(source) }],
    ]),
    binaries: [node],
    program: nodePath,
    arguments: ["--disable-warning=ExperimentalWarning", "--experimental-vm-modules", "--max-old-space-size=$heap", runnerPath],
    firstRunner: "with-machine",
  };
}

async function pythonEngine(): Promise<Engine> {
  const python = await realpath(pythonPath);
  const library = await standardLibrary();
  const files = new Map<string, ArchiveFile>([[pythonPath.slice(1), { bytes: await readFile(python), program: true }]]);
  for (const path of library) {
    files.set(path.slice(1), { bytes: await readFile(path) });
    const compiled = path.endsWith(".py") ? await bytecodeOf(path) : undefined;
    if (compiled !== undefined) files.set(compiled.path.slice(1), { bytes: compiled.bytes });
  }
  for (const [path, text] of pythonRunner().files)
    files.set(`${pythonRunnerPath.slice(1)}/${path}`, { bytes: Buffer.from(text) });
  const extensions = library.filter((path) => path.endsWith(".so"));
  const command = { program: pythonPath, arguments: [...pythonArguments, pythonRunnerPath] };
  // The seed of its hashes is drawn when it starts, and cannot be changed.
  return { files, binaries: [python, ...extensions], ...command, firstRunner: "with-session" };
}

/** Bytes of what stands before the code: magic number, kind, then time and size of the module (PEP 552). */
const bytecodeHeaderBytes = 16;

/**
 * What this machine has compiled a module to; `undefined` if it has not, or the module has changed since. On an emulated
 * processor compiling takes most of a start. Marked as not to be compared with its module, whose time the image loses.
 */
export async function bytecodeOf(module: string): Promise<{ readonly path: string; readonly bytes: Buffer } | undefined> {
  const { dir, name } = parse(module);
  const path = join(dir, "__pycache__", `${name}.cpython-${pythonVersion()?.replace(".", "")}.pyc`);
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined || bytes.length < bytecodeHeaderBytes) return undefined;
  const { mtimeMs, size } = await stat(module);
  const [kind, seconds, length] = [4, 8, 12].map((at) => bytes.readUInt32LE(at));
  if (kind !== 0 || seconds !== Math.floor(mtimeMs / 1000) || length !== size) return undefined;
  bytes.writeUInt32LE(1, 4);
  return { path, bytes };
}
