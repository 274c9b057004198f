/**
 * Namespaces around a process by bubblewrap, in a control group: a file system of the few files that the engine needs, no
 * network, the rights of nobody. System calls are not filtered.
 */
import { existsSync } from "node:fs";
import { version } from "node:process";
import { type Availability, BenchError, type Language, type Sandbox, type SandboxFactory } from "../../../contract/index.ts";
import { controlGroups } from "../../../machine/control-group.ts";
import { findProgram, programVersion, setprivPath } from "../../../machine/installed-files.ts";
import { egressLimits } from "../../host/egress/proxy.ts";
import { egressFolder, withoutEgress } from "../../host/egress/session.ts";
import { becomeNobody, cpus, engineMemoryBytes, maxOpenFiles, maxProcesses } from "../../host/runner/box-limits.ts";
import { pythonVersion } from "../../host/runner/python-files.ts";
import { runnerSessions } from "../../host/runner/sessions.ts";
import { socketBox } from "../../host/runner/socket-box.ts";
import { sessionFolder } from "../../host/session/session-folder.ts";
import { outsideTree, sessionTrees } from "../../host/session/session-tree.ts";
import { supervised } from "../../runner/process/supervisor.ts";
import { bubbleArguments, isolation } from "./arguments.ts";
import { startBubble } from "./bubble.ts";
import { type BubbleRuntime, bubbleRuntime } from "./runtime.ts";

const id = "bubblewrap";

const unavailable = (reason: string, fix: string): Availability => ({ status: "unavailable", reason, fix });
const setUp = "Run sudo scripts/setup-sandboxes.sh bubblewrap (in the package: node_modules/mcp-code-bench/scripts)";

export const bubblewrap: SandboxFactory = (host): Sandbox => {
  const sessions = runnerSessions(id);
  const trees = sessionTrees(host.tmpDir, id);
  const groups = controlGroups();
  const runtimes = new Map<Language, Promise<BubbleRuntime>>();
  const bwrap = findProgram("bwrap", host.env);

  const program = bwrap === undefined ? [] : [programVersion(id, bwrap)];
  const python = pythonVersion();

  const available = async (): Promise<Availability> => {
    if (host.platform !== "linux")
      return unavailable(`it needs Linux, and this is ${host.platform}`, "Run mcp-code-bench on Linux.");
    if (bwrap === undefined) return unavailable("there is no program bwrap", `${setUp}.`);
    if (!existsSync(setprivPath)) return unavailable(`there is no program ${setprivPath}`, "Install util-linux.");
    return groups.available();
  };

  return {
    id,
    title: "bubblewrap: Linux namespaces and control groups, no network, no filter of system calls",
    isolation: "process",
    control: false,
    // Its files are this machine's own interpreters.
    languages: python === undefined ? ["javascript"] : ["javascript", "python"],
    enforces: ["wallTime", "memory", "output", "processes", "disk"],
    bridgeTransport: "Unix socket in a read-only mount",
    persists: { files: true, globals: ["python"] },
    version: [...program, `node ${version}`, ...(python === undefined ? [] : [`python ${python}`])].join(", "),
    maxSessions: 32,
    emulates: null,
    egress: true,
    configuration: {
      ...{ bwrap: [...isolation], setpriv: [...becomeNobody], engineMemoryBytes, maxProcesses, maxOpenFiles, cpus },
      egress: egressLimits,
    },
    available,
    open: (options) =>
      sessions.open(withoutEgress(options), outsideTree(options.files), async () => {
        const availability = await available();
        if (availability.status === "unavailable") throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, ...availability });
        const { language, memoryBytes, data = [] } = options;
        const pending = runtimes.get(language) ?? bubbleRuntime(language, host.nodePath);
        runtimes.set(language, pending);
        const runtime = await pending;
        const tree = await trees.folderOf(options.files);
        const { folder, listen } = egressFolder(await sessionFolder(host.tmpDir, id), options.egress);
        return socketBox({
          sandbox: id,
          folder,
          async start(channel) {
            await listen(channel);
            const mounts = { runtime: runtime.mounts, channel, tree, data };
            const group = groups.make({ memoryBytes: memoryBytes + engineMemoryBytes, maxProcesses, cpus });
            return startBubble(group, [bwrap ?? "", ...bubbleArguments(mounts, supervised(runtime.command(memoryBytes)))]);
          },
        });
      }),
    sweep: groups.sweep,
    async dispose() {
      await sessions.dispose();
      await trees.dispose();
    },
  };
};
