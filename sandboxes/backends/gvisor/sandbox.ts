/** The container of the docker backend on gVisor's kernel, which runs in user space: the guest's system calls are its own. */
import type { SandboxFactory } from "../../../contract/index.ts";
import { programVersion } from "../../../machine/installed-files.ts";
import { maxProcesses } from "../../host/runner/box-limits.ts";
import { type ContainerRuntime, runc } from "../docker/container-box.ts";
import { containerSandbox } from "../docker/container-sandbox.ts";
import { setUpWith } from "../docker/engine.ts";

export const runsc: ContainerRuntime = {
  name: "runsc",
  // The user-space kernel keeps its own state, and the workspace, in the same control group.
  engineMemoryBytes: runc.engineMemoryBytes + 96 * 2 ** 20,
  // Threads of the user-space kernel count, some ten for each process of the guest. If it gets no more, all ends: a
  // guest at its own limit was seen to need more than 512.
  maxProcesses: 1_024,
  guestProcesses: maxProcesses,
  // All ends at once with its memory, and then the daemon often does not learn that this was the reason.
  outerGroupBytes: 8 * 2 ** 20,
};

export const gvisor: SandboxFactory = (host) =>
  containerSandbox(host, {
    id: "gvisor",
    title: "Docker container on gVisor (runsc): a kernel in user space, no network, no capabilities",
    isolation: "user-space-kernel",
    runtime: runsc,
    maxSessions: 16,
    async runtimeVersion(engine) {
      const { Runtimes: runtimes = {} } = await engine.info();
      const path: unknown = runtimes[runsc.name]?.path;
      if (typeof path === "string") return programVersion(runsc.name, path);
      return {
        status: "unavailable",
        reason: `the Docker daemon knows no runtime ${runsc.name}`,
        fix: `${setUpWith("gvisor")}, or install gVisor and name its runsc in the daemon's configuration.`,
      };
    },
  });
