/** The files of this machine that a bubble holds for each language: only those that it needs, and the runner. */
import { realpath } from "node:fs/promises";
import type { Language } from "../../../contract/index.ts";
import { boxPrograms, librariesOf } from "../../../machine/installed-files.ts";
import { becomeNobody } from "../../host/runner/box-limits.ts";
import { runnerBundle } from "../../host/runner/bundle.ts";
import { nodeArguments } from "../../host/runner/node-arguments.ts";
import { pythonArguments, pythonPath, pythonRunner, pythonVersion } from "../../host/runner/python-files.ts";
import type { Mount } from "./arguments.ts";

const nodeTarget = "/usr/bin/node";
const runnerTarget = "/opt/mcp-code-bench/runner.cjs";
const pythonTarget = "/opt/mcp-code-bench/python";

export interface BubbleRuntime {
  readonly mounts: readonly Mount[];
  /** Starts one runner, as nobody; its channel follows. */
  command(memoryBytes: number): readonly string[];
}

export async function bubbleRuntime(language: Language, nodePath: string): Promise<BubbleRuntime> {
  const always: Mount[] = boxPrograms.map((path): Mount => [path, path]);
  if (language === "python") {
    const binary = await realpath(pythonPath);
    const library = `/usr/lib/python${pythonVersion()}`;
    const own: Mount[] = [
      [binary, pythonPath],
      [library, library],
      [pythonRunner().folder, pythonTarget],
    ];
    const mounts = [...always, ...own, ...(await libraryMounts([binary]))];
    return { mounts, command: () => [...becomeNobody, pythonPath, ...pythonArguments, pythonTarget] };
  }
  const node = await realpath(nodePath);
  const { file, files } = await runnerBundle();
  const runner = files.map((path): Mount => [path, runnerTarget + path.slice(file.length)]);
  const mounts: Mount[] = [...always, [node, nodeTarget], ...runner, ...(await libraryMounts([node]))];
  return { mounts, command: (memoryBytes) => [...becomeNobody, nodeTarget, ...nodeArguments(memoryBytes), runnerTarget] };
}

const libraryMounts = async (binaries: readonly string[]): Promise<Mount[]> =>
  (await librariesOf([...binaries, ...boxPrograms])).map((path): Mount => [path, path]);
