/** What a bubble holds of this machine for each language: exactly the files that are needed, and the agent. */
import { realpath } from "node:fs/promises";
import type { Language } from "../../bench/types/index.ts";
import { agentBundle } from "../agent/bundle.ts";
import { boxPrograms, librariesOf } from "../agent/machine-files.ts";
import { nodeArguments } from "../agent/node-arguments.ts";
import { pythonAgent, pythonArguments, pythonPath, pythonVersion } from "../python/agent-files.ts";
import type { Mount } from "./arguments.ts";

const nodeTarget = "/usr/bin/node";
const agentTarget = "/opt/mcp-code-bench/agent.mjs";
const pythonTarget = "/opt/mcp-code-bench/python";

export interface BubbleRuntime {
  readonly mounts: readonly Mount[];
  /** Starts one agent; its channel follows. */
  command(memoryBytes: number): readonly string[];
}

/** `setpriv`: absolute path of the program on this machine. */
export async function bubbleRuntime(language: Language, nodePath: string, setpriv: string): Promise<BubbleRuntime> {
  const always: Mount[] = [[setpriv, "/usr/bin/setpriv"], ...boxPrograms.map((path): Mount => [path, path])];
  if (language === "python") {
    const binary = await realpath(pythonPath);
    const library = `/usr/lib/python${pythonVersion()}`;
    const own: Mount[] = [
      [binary, pythonPath],
      [library, library],
      [pythonAgent().folder, pythonTarget],
    ];
    const mounts = [...always, ...own, ...(await libraryMounts([binary, setpriv]))];
    return { mounts, command: () => [pythonPath, ...pythonArguments, pythonTarget] };
  }
  const node = await realpath(nodePath);
  const agent = await agentBundle();
  const mounts: Mount[] = [...always, [node, nodeTarget], [agent.file, agentTarget], ...(await libraryMounts([node, setpriv]))];
  return { mounts, command: (memoryBytes) => [nodeTarget, ...nodeArguments(memoryBytes), agentTarget] };
}

const libraryMounts = async (binaries: readonly string[]): Promise<Mount[]> =>
  (await librariesOf([...binaries, ...boxPrograms])).map((path): Mount => [path, path]);
