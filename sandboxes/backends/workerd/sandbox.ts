/**
 * workerd, the runtime of Cloudflare's Workers and of what they call Code Mode: a V8 isolate that its worker loader makes
 * for every program, without any way out to a network. workerd itself limits neither time nor memory, so every session has
 * a process of its own, which the host ends.
 */
import type { Availability, Sandbox, SandboxFactory, SandboxHost } from "../../../contract/index.ts";
import { endOrphans } from "../../../machine/orphans.ts";
import { engineSessions } from "../../host/engine/backend.ts";
import { compatibilityDate, compatibilityFlags, configuration, v8FlagsOf } from "./configuration.ts";
import { installedWorkerd } from "./installed.ts";
import { residentSlackBytes, workerdThread } from "./thread.ts";

function backend(
  { tmpDir, platform }: SandboxHost,
  { id, title, processPerProgram }: { id: string; title: string; processPerProgram: boolean },
): Sandbox {
  const installed = installedWorkerd();
  const files = configuration(tmpDir);
  const sessions = engineSessions({
    sandbox: id,
    maxIdleThreads: 4,
    makeThread: ({ memoryBytes }) =>
      workerdThread({ binary: installed?.binary ?? "", tmpDir, configuration: files, memoryBytes, processPerProgram }),
  });
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
    open: sessions.open,
    sweep: endOrphans,
    async dispose() {
      await sessions.dispose();
      files.remove();
    },
  };
}

export const workerd: SandboxFactory = (host): Sandbox =>
  backend(host, { id: "workerd", title: "workerd: an isolate for every program", processPerProgram: false });

export const workerdProcess: SandboxFactory = (host): Sandbox =>
  backend(host, { id: "workerd-process", title: "workerd: a process for every program", processPerProgram: true });
