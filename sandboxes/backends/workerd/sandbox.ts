/**
 * workerd, the runtime of Cloudflare's Workers and of what they call Code Mode: a V8 isolate that its worker loader makes
 * for every program, without any way out to a network. workerd itself limits neither time nor memory, so every session has
 * a process of its own, which the host ends.
 */
import type { Availability, Sandbox, SandboxFactory, SandboxHost } from "../../../contract/index.ts";
import { endOrphans } from "../../../machine/orphans.ts";
import { runnerSessions } from "../../host/runner/sessions.ts";
import { readDataFolders } from "../../host/session/data-folders.ts";
import type { DataFiles } from "../../workspace/memory-store.ts";
import { residentSlackBytes, workerdBox } from "./box.ts";
import { compatibilityDate, compatibilityFlags, configuration, v8FlagsOf } from "./configuration.ts";
import { installedWorkerd } from "./installed.ts";
import { startWorkerd, type WorkerdProcess } from "./process.ts";

/** Processes kept for the next session; more would only hold memory. */
const maxIdleProcesses = 4;
const noData: DataFiles = new Map();
const noFiles = new Map<string, string>();

function backend(
  { tmpDir, platform }: SandboxHost,
  { id, title, processPerProgram }: { id: string; title: string; processPerProgram: boolean },
): Sandbox {
  const installed = installedWorkerd();
  const files = configuration(tmpDir);
  const sessions = runnerSessions(id);
  /** Processes that wait for a session, each for guests of one size. */
  const idle: { readonly workerd: WorkerdProcess; readonly memoryBytes: number }[] = [];
  const takeProcess = (memoryBytes: number): WorkerdProcess => {
    const at = idle.findIndex((one) => one.memoryBytes === memoryBytes);
    const workerd =
      idle.splice(at, at < 0 ? 0 : 1)[0]?.workerd ??
      startWorkerd({ binary: installed?.binary ?? "", tmpDir, config: files.configOf(memoryBytes) });
    workerd.keepAlive(true);
    return workerd;
  };
  const giveBack = async (workerd: WorkerdProcess, memoryBytes: number, isClean: boolean): Promise<void> => {
    if (!isClean || idle.length >= maxIdleProcesses) return workerd.kill();
    workerd.keepAlive(false);
    const one = { workerd, memoryBytes };
    idle.push(one);
    void workerd.ended.then(() => {
      if (idle.includes(one)) idle.splice(idle.indexOf(one), 1);
    });
  };
  const availability: Availability =
    installed === undefined
      ? { status: "unavailable", reason: "the package workerd is not installed", fix: "Run npm install workerd." }
      : { status: "available" };
  const version = `workerd ${installed?.version ?? "(not installed)"}`;
  return {
    id,
    title,
    isolation: "isolate",
    control: false,
    languages: ["javascript"],
    // The host watches the resident memory of the process, which only Linux reports.
    enforces: platform === "linux" ? ["wallTime", "memory", "output"] : ["wallTime", "output"],
    bridgeTransport: "HTTP body over a Unix socket, and the process' output",
    persists: { files: true, globals: [] },
    version,
    maxSessions: 32,
    emulates: null,
    configuration: {
      engine: version,
      process: processPerProgram ? "one process a program" : "one process a session",
      isolate: "one isolate a program, by the worker loader",
      globalOutbound: null,
      compatibilityDate,
      compatibilityFlags,
      v8Flags: v8FlagsOf(0).map((flag) => flag.replace(/=.*/, "=memory")),
      residentSlackBytes,
    },
    available: async () => availability,
    async open(open) {
      const data = open.data === undefined || open.data.length === 0 ? noData : await readDataFolders(open.data);
      const { memoryBytes } = open;
      return sessions.open(open, noFiles, async () =>
        workerdBox({
          sandbox: id,
          open,
          data,
          takeProcess: () => takeProcess(memoryBytes),
          giveBack: (workerd, isClean) => giveBack(workerd, memoryBytes, isClean),
          processPerProgram,
        }),
      );
    },
    sweep: endOrphans,
    async dispose() {
      await sessions.dispose();
      await Promise.all(idle.splice(0).map(({ workerd }) => workerd.kill()));
      files.remove();
    },
  };
}

export const workerd: SandboxFactory = (host): Sandbox =>
  backend(host, { id: "workerd", title: "workerd: an isolate for every program", processPerProgram: false });

export const workerdProcess: SandboxFactory = (host): Sandbox =>
  backend(host, { id: "workerd-process", title: "workerd: a process for every program", processPerProgram: true });
