/**
 * A plain Node process for every program: the control that escape probes must get out of, and what a sandbox costs
 * more than. It isolates nothing. The host still ends it, and everything in its process group, on time.
 */
import { version } from "node:process";
import { BenchError, type Sandbox, type SandboxFactory } from "../bench/types/index.ts";
import { openSubprocessSession } from "./subprocess/session.ts";

export const subprocess: SandboxFactory = (host): Sandbox => {
  const sessions = new Set<{ close(): Promise<void> }>();
  return {
    id: "subprocess",
    title: "Plain Node child process (control, no isolation)",
    isolation: "none",
    control: true,
    languages: ["javascript"],
    enforces: ["wallTime", "output"],
    bridgeTransport: "Node IPC channel",
    persists: { files: true, globals: false },
    // The host's Node, which is the one that it names as nodePath.
    version: `node ${version}`,
    available: async () => ({ status: "available" }),
    async open(options) {
      if (options.signal?.aborted === true) throw new BenchError("ABORTED");
      const session = await openSubprocessSession(host, options, () => sessions.delete(session));
      sessions.add(session);
      return session;
    },
    async dispose() {
      await Promise.all([...sessions].map((session) => session.close()));
    },
  };
};
