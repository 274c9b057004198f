/** The runner for Python programs: real Python files, shipped as they are, and how a backend starts them. */
import { createHash } from "node:crypto";
import { accessSync, constants, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Debian's own, whose standard library lies where it can be copied or mounted from. */
export const pythonPath = "/usr/bin/python3";
const oldestVersion = [3, 11] as const;

/**
 * Isolated from the environment and the user's files, without site packages, writing no bytecode, in UTF-8. The folder
 * of the runner follows, then its channel.
 */
export const pythonArguments: readonly string[] = ["-I", "-S", "-B", "-X", "utf8"];

const names = ["runner", "channel", "clock", "errors", "fetch", "files", "__init__", "loop", "output", "program", "tools"];

export interface PythonRunner {
  /** Absolute path of the folder that Python is started with. */
  readonly folder: string;
  /** Path below that folder to text. */
  readonly files: ReadonlyMap<string, string>;
  /** Of all files, in hexadecimal. */
  readonly sha256: string;
}

let runner: PythonRunner | undefined;

export function pythonRunner(): PythonRunner {
  runner ??= load();
  return runner;
}

function load(): PythonRunner {
  const folder = fileURLToPath(new URL("../../runner/python", import.meta.url));
  const paths = ["__main__.py", ...names.map((name) => `mcp_runner/${name}.py`)];
  const files = new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
  const sha256 = createHash("sha256")
    .update(JSON.stringify([...files]))
    .digest("hex");
  return { folder, files, sha256 };
}

/** This machine's Python, e.g. `3.11`; `undefined` where it is missing or too old. */
export function pythonVersion(): string | undefined {
  try {
    // Debian's `python3` is a link to the program of its version.
    accessSync(pythonPath, constants.X_OK);
    const [, major, minor] = /python(\d+)\.(\d+)$/.exec(realpathSync(pythonPath)) ?? [];
    return Number(major) === oldestVersion[0] && Number(minor) >= oldestVersion[1] ? `${major}.${minor}` : undefined;
  } catch {
    return undefined;
  }
}
