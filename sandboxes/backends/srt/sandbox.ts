/**
 * Anthropic's sandbox runtime around a Node process for every program: bubblewrap, a filter of system calls, and a proxy
 * that lets nothing through. It sets no limits itself; control groups do, where they can be made.
 */
import { realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { version } from "node:process";
import type { Availability, Sandbox, SandboxFactory } from "../../../contract/index.ts";
import { findProgram } from "../../../machine/installed-files.ts";
import { runnerBundle } from "../../host/runner/bundle.ts";
import { nodeArguments } from "../../host/runner/node-arguments.ts";
import { workspaceProcesses } from "../../host/runner/workspace-processes.ts";
import { dataRoot, treeRoot } from "../../host/session/session-tree.ts";
import {
  longestFolder,
  neededPrograms,
  sandboxRuntime,
  srtArguments,
  srtEnvironment,
  srtLimits,
  srtSettings,
} from "./runtime.ts";

const id = "srt";

const unavailable = (reason: string, fix: string): Availability => ({ status: "unavailable", reason, fix });

export const srt: SandboxFactory = (host): Sandbox => {
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
    if (missing.length > 0) {
      return unavailable(
        `there is no program ${missing.join(", ")}`,
        "Run sudo scripts/setup-sandboxes.sh srt (in the package: node_modules/mcp-code-bench/scripts).",
      );
    }
    if (Buffer.byteLength(join(host.tmpDir, `${id}-123456`)) <= longestFolder) return { status: "available" };
    return unavailable(
      `the paths of its sockets below ${host.tmpDir} would be longer than a socket's path may be`,
      "Name a temporary folder with a shorter path in TMPDIR, e.g. TMPDIR=/tmp.",
    );
  };

  const { isGrouped, enforces, open, sweep, dispose } = workspaceProcesses(host, {
    sandbox: id,
    limits: srtLimits,
    available,
    async prepare({ folder, workspace, files, memoryBytes }) {
      const { cli = "", filters = "" } = runtime ?? {};
      const [runner, node] = await Promise.all([runnerBundle(), realpath(host.nodePath)]);
      const roots = [treeRoot, dataRoot].filter((root) => [...files.keys()].some((path) => path.startsWith(`${root}/`)));
      const settings = srtSettings({
        readable: [node, ...runner.files, filters],
        writable: workspace,
        readOnly: roots.map((root) => join(workspace, root)),
      });
      const settingsFile = join(folder, "settings.json");
      await writeFile(settingsFile, JSON.stringify(settings));
      const command = [node, ...nodeArguments(memoryBytes), runner.file, "stdio"];
      return {
        command: [host.nodePath, ...srtArguments(cli, settingsFile, workspace, command)],
        folder,
        env: srtEnvironment(host.env.PATH, folder),
      };
    },
  });

  return {
    id,
    title: `Anthropic sandbox-runtime (srt): bubblewrap, seccomp, a proxy that denies all${isGrouped ? "" : "; memory not limited here"}`,
    isolation: "process",
    control: false,
    languages: ["javascript"],
    enforces,
    bridgeTransport: "standard input and output",
    persists: { files: true, globals: [] },
    version: `sandbox-runtime ${runtime?.version ?? "not installed"}, node ${version}`,
    maxSessions: 16,
    emulates: null,
    configuration: {
      settings: { ...srtSettings({ readable: ["engine"], writable: "/workspace", readOnly: [treeRoot, dataRoot] }) },
      arguments: nodeArguments(0),
      controlGroup: isGrouped ? { ...srtLimits(0) } : null,
    },
    available,
    open,
    sweep,
    dispose,
  };
};
