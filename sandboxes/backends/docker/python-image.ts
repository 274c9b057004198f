/**
 * The image that Python guests run in: this machine's own Python with its standard library, and no Node. A second image
 * keeps the one for JavaScript small.
 */
import { createHash } from "node:crypto";
import { realpathSync, statSync } from "node:fs";
import { readFile, realpath } from "node:fs/promises";
import type { Pack } from "tar-stream";
import { type PythonRunner, pythonPath, pythonVersion } from "../../host/runner/python-files.ts";
import { standardLibrary } from "../../host/runner/standard-library.ts";
import { packed } from "./image.ts";

export const pythonRunnerPath = "/opt/mcp-code-bench/python";
/** Raised when what is put into the image changes, beyond the files that its tag already depends on. */
const recipe = 2;

/** `mcp-code-bench/python:<hash>`: equal for equal Python, runner and recipe. */
export function pythonImageTag(runner: PythonRunner): string {
  const { size, mtimeMs } = statSync(realpathSync(pythonPath));
  const hash = createHash("sha256").update(JSON.stringify([recipe, pythonVersion(), size, mtimeMs, runner.sha256]));
  return `mcp-code-bench/python:${hash.digest("hex").slice(0, 16)}`;
}

export const pythonImageArchive = (runner: PythonRunner): Promise<Pack> =>
  packed(async () => {
    const binary = await realpath(pythonPath);
    const standardFiles = await standardLibrary();
    const files = new Map([[pythonPath.slice(1), await readFile(binary)]]);
    for (const path of standardFiles) files.set(path.slice(1), await readFile(path));
    for (const [path, text] of runner.files) files.set(`${pythonRunnerPath.slice(1)}/${path}`, Buffer.from(text));
    return { files, binaries: [binary, ...standardFiles.filter((path) => path.endsWith(".so"))] };
  });
