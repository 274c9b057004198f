/**
 * Anthropic's sandbox runtime around a Node process for every program: bubblewrap, a filter of system calls, and a proxy
 * that is told to let nothing through. It sets no limits itself; control groups do, where they can be made.
 */
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { version } from "node:process";
import { type Availability, BenchError, type Sandbox, type SandboxFactory } from "../bench/types/index.ts";
import { agentSessions } from "./agent/backend.ts";
import { agentBundle } from "./agent/bundle.ts";
import { groupedBox } from "./agent/grouped-box.ts";
import { findProgram } from "./agent/machine-files.ts";
import { nodeArguments } from "./agent/node-arguments.ts";
import { allFiles } from "./agent/session.ts";
import { controlGroups } from "./cgroup.ts";
import { sessionFolder } from "./session/session-folder.ts";
import { dataRoot, treeRoot } from "./session/session-tree.ts";
import { writeFiles } from "./session/written-files.ts";
import { neededPrograms, sandboxRuntime, srtArguments, srtEnvironment, srtLimits, srtSettings } from "./srt/runtime.ts";

const id = "srt";

const unavailable = (reason: string, fix: string): Availability => ({ status: "unavailable", reason, fix });

export const srt: SandboxFactory = (host): Sandbox => {
  const sessions = agentSessions(id);
  const groups = controlGroups();
  const isGrouped = groups.available().status === "available";
  const runtime = sandboxRuntime();

  const available = async (): Promise<Availability> => {
    if (host.platform !== "linux")
      return unavailable(`it is set up for Linux here, and this is ${host.platform}`, "Run mcp-code-bench on Linux.");
    if (runtime === undefined) {
      return unavailable(
        "the package @anthropic-ai/sandbox-runtime is not installed",
        "Run npm install @anthropic-ai/sandbox-runtime.",
      );
    }
    const missing = neededPrograms.filter((name) => findProgram(name, host.env) === undefined);
    if (missing.length === 0) return { status: "available" };
    return unavailable(
      `there is no program ${missing.join(", ")}`,
      "Run sudo scripts/setup-sandboxes.sh srt (in the package: node_modules/mcp-code-bench/scripts).",
    );
  };

  return {
    id,
    title: `Anthropic sandbox-runtime (srt): bubblewrap, seccomp, a proxy that denies all${isGrouped ? "" : "; memory not limited here"}`,
    isolation: "process",
    control: false,
    languages: ["javascript"],
    enforces: isGrouped ? ["wallTime", "memory", "output", "processes"] : ["wallTime", "output"],
    bridgeTransport: "standard input and output",
    persists: { files: true, globals: false },
    version: `sandbox-runtime ${runtime?.version ?? "not installed"}, node ${version}`,
    maxSessions: 16,
    emulates: null,
    configuration: {
      settings: { ...srtSettings({ readable: ["engine"], writable: "/workspace", readOnly: [treeRoot, dataRoot] }) },
      arguments: nodeArguments(0),
      controlGroup: isGrouped ? { ...srtLimits(0) } : null,
    },
    available,
    open: async (options) => {
      const files = await allFiles(options);
      return sessions.open(options, new Map(), async () => {
        const availability = await available();
        if (runtime === undefined || availability.status === "unavailable") {
          throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, reason: "", fix: "", ...availability });
        }
        const { memoryBytes } = options;
        const [agent, node] = await Promise.all([agentBundle(), realpath(host.nodePath)]);
        const folder = await sessionFolder(host.tmpDir, id);
        const workspace = join(folder.path, "workspace");
        const temporary = join(folder.path, "tmp");
        const settingsFile = join(folder.path, "settings.json");
        await Promise.all([mkdir(workspace), mkdir(temporary)]);
        await writeFiles(workspace, files);
        const roots = [treeRoot, dataRoot].filter((root) => [...files.keys()].some((path) => path.startsWith(`${root}/`)));
        const settings = srtSettings({
          readable: [node, agent.file, runtime.filters],
          writable: workspace,
          readOnly: roots.map((root) => join(workspace, root)),
        });
        await writeFile(settingsFile, JSON.stringify(settings));
        const command = [node, ...nodeArguments(memoryBytes), agent.file, "stdio"];
        return groupedBox(isGrouped ? groups.make(srtLimits(memoryBytes)) : undefined, {
          sandbox: id,
          command: [host.nodePath, ...srtArguments(runtime.cli, settingsFile, workspace, command)],
          folder: folder.path,
          env: srtEnvironment(host.env.PATH, temporary),
          clean: folder.remove,
        });
      });
    },
    // What it starts ends with it, and it with its channel, unless the program is busy.
    sweep: groups.sweep,
    dispose: sessions.dispose,
  };
};
